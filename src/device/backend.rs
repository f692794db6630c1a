//! What the supervisor needs of an audio system: a list of sound cards, and a way to open a pair of
//! them. cpal is one backend, tests have another.

use std::fmt;

use super::ports::PortEnds;

/// A sound card as the system lists it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceEntry {
    /// Stable id to choose it by.
    pub id: String,
    /// Name for people.
    pub name: String,
    /// It has a microphone side.
    pub captures: bool,
    /// It has a loudspeaker side.
    pub plays: bool,
    /// The system's default microphone.
    pub default_capture: bool,
    /// The system's default loudspeaker.
    pub default_playback: bool,
}

/// Which sound cards are wanted. An empty name follows the system's default, and so does a name
/// that is not there, until it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceChoice {
    /// Capture device by id or name.
    pub microphone: String,
    /// Playback device by id or name.
    pub loudspeaker: String,
}

/// The devices that a choice comes to: entries of a list. Either side may be missing, not both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DevicePair {
    /// Capture.
    pub microphone: Option<DeviceEntry>,
    /// Playback.
    pub loudspeaker: Option<DeviceEntry>,
}

impl DevicePair {
    /// Finds the devices of `choice` in `list`: by id, by name, by a part of the name whatever its
    /// case, and else the system's default. Never just any: a list may hold devices that are no
    /// sound cards at all.
    pub fn resolve(choice: &DeviceChoice, list: &[DeviceEntry]) -> Self {
        let microphone = find(&choice.microphone, list, |e| e.captures, |e| e.default_capture);
        let loudspeaker = find(&choice.loudspeaker, list, |e| e.plays, |e| e.default_playback);
        Self { microphone: microphone.cloned(), loudspeaker: loudspeaker.cloned() }
    }

    /// Whether both name the same devices.
    pub fn is_same(&self, other: &Self) -> bool {
        let id = |entry: &Option<DeviceEntry>| entry.as_ref().map(|entry| entry.id.clone());
        id(&self.microphone) == id(&other.microphone)
            && id(&self.loudspeaker) == id(&other.loudspeaker)
    }

    /// Names for people: microphone, loudspeaker; empty where there is none.
    pub fn names(&self) -> (String, String) {
        let name = |entry: &Option<DeviceEntry>| {
            entry.as_ref().map(|entry| entry.name.clone()).unwrap_or_default()
        };
        (name(&self.microphone), name(&self.loudspeaker))
    }
}

fn find<'a>(
    wanted: &str,
    list: &'a [DeviceEntry],
    fits: fn(&DeviceEntry) -> bool,
    is_default: fn(&DeviceEntry) -> bool,
) -> Option<&'a DeviceEntry> {
    let fitting = || list.iter().filter(|entry| fits(entry));
    let named = || {
        let lower = wanted.to_lowercase();
        fitting()
            .find(|entry| entry.id == wanted)
            .or_else(|| fitting().find(|entry| entry.name == wanted))
            .or_else(|| fitting().find(|entry| entry.name.to_lowercase().contains(&lower)))
    };
    let chosen = if wanted.is_empty() { None } else { named() };
    chosen.or_else(|| fitting().find(|entry| is_default(entry)))
}

/// Why a device cannot be listed or opened, or was lost. The text says what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeviceError {
    /// What to decide by.
    pub kind: DeviceErrorKind,
    /// For people.
    pub text: String,
}

/// Kinds of [`DeviceError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeviceErrorKind {
    /// There is no sound card, or not this one.
    NotFound,
    /// Another program has it.
    Busy,
    /// Not allowed.
    PermissionDenied,
    /// It has no sample format, rate or channel count that is spoken here.
    Unsupported,
    /// It was there and went, or stopped working.
    Lost,
    /// Anything else of the audio system.
    Other,
}

impl fmt::Display for DeviceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for DeviceError {}

/// An audio system. Made, used and dropped on the device thread only.
pub trait Backend {
    /// Every sound card.
    fn list(&mut self) -> Result<Vec<DeviceEntry>, DeviceError>;

    /// Opens and starts a pair.
    fn open(&mut self, pair: &DevicePair) -> Result<OpenPair, DeviceError>;

    /// Lets go of what is kept while nothing is open.
    fn rest(&mut self) {}
}

/// The backend of a build without sound cards.
#[cfg(not(feature = "audio"))]
#[derive(Debug)]
pub struct NoSoundCards;

#[cfg(not(feature = "audio"))]
impl Backend for NoSoundCards {
    fn list(&mut self) -> Result<Vec<DeviceEntry>, DeviceError> {
        Err(no_sound_cards())
    }

    fn open(&mut self, _: &DevicePair) -> Result<OpenPair, DeviceError> {
        Err(no_sound_cards())
    }
}

#[cfg(not(feature = "audio"))]
fn no_sound_cards() -> DeviceError {
    let text = "this build has no sound cards; build with the feature `audio`".into();
    DeviceError { kind: DeviceErrorKind::NotFound, text }
}

/// An open pair. Dropping `streams` closes it.
pub struct OpenPair {
    /// The worker's ends.
    pub ends: PortEnds,
    /// What keeps it running.
    pub streams: Box<dyn Streams>,
}

/// Running streams.
pub trait Streams {
    /// The error that makes them useless, if one was told since the opening.
    fn fault(&self) -> Option<DeviceError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list() -> Vec<DeviceEntry> {
        let entry = |id: &str, name: &str, captures: bool, default: bool| DeviceEntry {
            id: id.into(),
            name: name.into(),
            captures,
            plays: !captures,
            default_capture: captures && default,
            default_playback: !captures && default,
        };
        vec![
            entry("in:1", "Webcam", true, false),
            entry("in:2", "Built-in", true, true),
            entry("out:1", "Headset Pro", false, false),
            entry("out:2", "Built-in", false, true),
        ]
    }

    #[test]
    fn a_device_is_found_by_id_name_or_part_of_it_and_is_else_the_default() {
        let cases = [
            ("", "", "in:2", "out:2"),
            ("in:1", "out:1", "in:1", "out:1"),
            ("Webcam", "Headset Pro", "in:1", "out:1"),
            ("webc", "headset", "in:1", "out:1"),
            ("Headset Pro", "Webcam", "in:2", "out:2"),
            ("gone", "gone", "in:2", "out:2"),
        ];
        for (microphone, loudspeaker, input, output) in cases {
            let choice =
                DeviceChoice { microphone: microphone.into(), loudspeaker: loudspeaker.into() };
            let pair = DevicePair::resolve(&choice, &list());
            assert_eq!(pair.microphone.unwrap().id, input, "{choice:?}");
            assert_eq!(pair.loudspeaker.unwrap().id, output, "{choice:?}");
        }
    }

    #[test]
    fn without_a_default_only_a_named_device_is_taken() {
        let mut list = list();
        list.retain(|entry| !entry.default_capture && !entry.plays);
        let pair = DevicePair::resolve(&DeviceChoice::default(), &list);
        assert_eq!(pair, DevicePair::default());
        let choice = DeviceChoice { microphone: "webcam".into(), ..DeviceChoice::default() };
        let pair = DevicePair::resolve(&choice, &list);
        assert_eq!(pair.names(), ("Webcam".to_owned(), String::new()));
    }
}
