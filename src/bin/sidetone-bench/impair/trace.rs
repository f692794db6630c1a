//! What once happened to a stream: per packet its delay, or its loss.
//!
//! A line is `seq TAB send_us TAB arrive_us`, -1 for a packet that never came; `#` begins a remark.
//! tests/vectors/traces has some.

use std::{fs, io, path::Path, time::Duration};

/// A trace; it begins anew where it ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    delays: Vec<Option<Duration>>,
}

impl Trace {
    /// Reads a file.
    pub fn read(path: &Path) -> io::Result<Self> {
        let told = |e: &dyn std::fmt::Display| {
            io::Error::new(io::ErrorKind::InvalidData, format!("{}: {e}", path.display()))
        };
        let text = fs::read_to_string(path).map_err(|e| told(&e))?;
        Self::parse(&text).map_err(|e| told(&e))
    }

    /// Reads a file's text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut delays = Vec::new();
        for (number, line) in text.lines().enumerate() {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let delay = delay(line).ok_or_else(|| format!("line {} cannot be read", number + 1))?;
            delays.push(delay);
        }
        if delays.is_empty() {
            return Err("no packet in it".to_owned());
        }
        Ok(Self { delays })
    }

    /// Its packets; one at least.
    pub fn len(&self) -> usize {
        self.delays.len()
    }

    /// The delay of packet `number`; `None`: it was lost.
    pub fn delay(&self, number: usize) -> Option<Duration> {
        self.delays.get(number % self.delays.len()).copied().flatten()
    }
}

/// The delay on one line; a loss is `Some(None)`.
fn delay(line: &str) -> Option<Option<Duration>> {
    let mut fields = line.split('\t');
    let (_, sent, arrived) = (fields.next()?, fields.next()?, fields.next()?);
    let (sent, arrived): (i64, i64) = (sent.parse().ok()?, arrived.trim_end().parse().ok()?);
    if arrived < 0 {
        return Some(None);
    }
    // The clocks at both ends may have differed: a packet does not arrive before it was sent.
    let delay = u64::try_from(arrived.checked_sub(sent)?).unwrap_or(0);
    Some(Some(Duration::from_micros(delay)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_delays_and_losses_and_begins_anew_at_the_end() {
        let trace = Trace::parse("# remark\n0\t0\t23673\n1\t20000\t-1\n2\t40000\t39000\n").unwrap();
        assert_eq!(trace.len(), 3);
        assert_eq!(trace.delay(0), Some(Duration::from_micros(23_673)));
        assert_eq!((trace.delay(1), trace.delay(2)), (None, Some(Duration::ZERO)));
        assert_eq!(trace.delay(3), trace.delay(0));
    }

    #[test]
    fn tells_the_line_that_cannot_be_read() {
        for (text, why) in [
            ("", "no packet"),
            ("# remark\n", "no packet"),
            ("0\t0\t1\nnonsense\n", "line 2"),
            ("0\t0\n", "line 1"),
            ("0\t-9223372036854775808\t1\n", "line 1"),
        ] {
            assert!(Trace::parse(text).unwrap_err().contains(why), "{text:?}");
        }
    }

    #[test]
    fn reads_every_trace_of_the_tests() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/traces");
        let mut read = 0;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if name.ends_with(".tsv") && name != "reference.tsv" {
                assert!(Trace::read(&path).unwrap().len() > 900, "{name}");
                read += 1;
            }
        }
        assert!(read >= 10);
    }
}
