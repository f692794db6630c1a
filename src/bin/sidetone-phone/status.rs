//! The live line of a call: state, codec, level meters, jitter, loss, MOS.
//!
//! It stands below the line that is being typed, and leaves that one and the cursor as they are:
//!
//! ```text
//! [1] sip:bob@192.0.2.7: connected
//! messa_
//! connected 0:12 · opus 20 ms · you ▮▮▮▯▯▯▯▯ · …
//! ```

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use sidetone::engine::{CallInfo, CallStats};

use crate::output::state_name;

/// One line on stderr that is drawn over and over; nothing where stderr is no terminal.
#[derive(Debug)]
pub struct StatusLine {
    shown: bool,
    /// What stands there; empty: nothing.
    drawn: String,
}

impl StatusLine {
    /// A line, hidden when `shown` is false or stderr is no terminal.
    pub fn new(shown: bool) -> Self {
        let able = std::io::stderr().is_terminal()
            && std::env::var_os("TERM").is_some_and(|term| term != "dumb");
        Self { shown: shown && able, drawn: String::new() }
    }

    /// Draws the line anew.
    pub fn draw(&mut self, info: &CallInfo, stats: &CallStats) {
        let text = text(info, stats);
        if self.shown && text != self.drawn {
            write(&below(&text));
            self.drawn = text;
        }
    }

    /// Takes the line away, to print in its place: what was begun to be typed stays above.
    pub fn clear(&mut self) {
        if !std::mem::take(&mut self.drawn).is_empty() {
            write(IN_ITS_PLACE);
        }
    }

    /// The same once Enter was typed, which has moved the cursor on to it.
    pub fn clear_after_enter(&mut self) {
        if !std::mem::take(&mut self.drawn).is_empty() {
            write(HERE);
        }
    }
}

fn write(sequence: &str) {
    let mut terminal = std::io::stderr().lock();
    // A terminal that has gone needs no line.
    let _ = terminal.write_all(sequence.as_bytes()).and_then(|()| terminal.flush());
}

/// Down a line, and nothing from there on.
const IN_ITS_PLACE: &str = "\r\n\x1b[J";
/// Nothing from this line on.
const HERE: &str = "\r\x1b[J";

/// Draws `text` in the line below the cursor, cut at the margin. IND and up again make sure that
/// there is a line below, and keep the column; then the cursor is kept (DECSC) and brought back.
fn below(text: &str) -> String {
    format!("\x1bD\x1b[A\x1b7\x1b[B\r\x1b[?7l\x1b[2K{text}\x1b[?7h\x1b8")
}

fn text(info: &CallInfo, stats: &CallStats) -> String {
    let mut parts = vec![format!("{} {}", state_name(info.state), clock(info.connected_for))];
    if let Some(codec) = info.codec {
        parts.push(format!("{} {} ms", codec.name(), info.ptime_ms));
        parts.push(info.srtp.map_or("not encrypted", |suite| suite.name()).to_owned());
        parts.push(format!("you {}", meter(stats.level_sent_db)));
        parts.push(format!("far {}", meter(stats.level_received_db)));
        parts.push(format!("jitter {}", number(stats.jitter_ms, " ms")));
        parts.push(format!("loss {}", number(loss_percent(stats), " %")));
        parts.push(format!("MOS {}", number(stats.mos, "")));
    }
    parts.join(" · ")
}

/// Lost packets of those that were due, percent.
pub fn loss_percent(stats: &CallStats) -> Option<f32> {
    let lost = stats.packets_lost?;
    let due = lost + stats.packets_received;
    (due > 0).then(|| 100.0 * lost as f32 / due as f32)
}

fn number(value: Option<f32>, unit: &str) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.1}{unit}"))
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

/// A level as eight blocks, -60 dBFS to 0.
fn meter(level_db: Option<f32>) -> String {
    const FULL: usize = 8;
    let filled =
        level_db.map_or(0, |db| ((db + 60.0) / 60.0 * FULL as f32).round().max(0.0) as usize);
    (0..FULL).map(|i| if i < filled { '▮' } else { '▯' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As much of a terminal as the line needs: rows of text, a cursor, one kept.
    struct Screen {
        rows: Vec<Vec<char>>,
        at: (usize, usize),
        kept: (usize, usize),
    }

    impl Screen {
        fn new(rows: usize) -> Self {
            Self { rows: vec![Vec::new(); rows], at: (0, 0), kept: (0, 0) }
        }

        fn down(&mut self) {
            if self.at.0 + 1 < self.rows.len() {
                self.at.0 += 1;
            } else {
                self.rows.remove(0);
                self.rows.push(Vec::new());
            }
        }

        fn take(&mut self, text: &str) {
            let mut rest = text.chars();
            while let Some(c) = rest.next() {
                match c {
                    '\r' => self.at.1 = 0,
                    '\n' => self.down(),
                    '\x1b' => match rest.next().unwrap() {
                        'D' => self.down(),
                        '7' => self.kept = self.at,
                        '8' => self.at = self.kept,
                        '[' => {
                            let mut body = String::new();
                            let end = loop {
                                match rest.next().unwrap() {
                                    c if c.is_ascii_alphabetic() => break c,
                                    c => body.push(c),
                                }
                            };
                            self.control(&body, end);
                        }
                        other => panic!("ESC {other}"),
                    },
                    c => {
                        let (row, column) = self.at;
                        let row = &mut self.rows[row];
                        row.resize(row.len().max(column + 1), ' ');
                        row[column] = c;
                        self.at.1 += 1;
                    }
                }
            }
        }

        fn control(&mut self, body: &str, end: char) {
            let (row, column) = self.at;
            match (body, end) {
                ("", 'A') => self.at.0 = row.saturating_sub(1),
                ("", 'B') => self.at.0 = (row + 1).min(self.rows.len() - 1),
                ("2", 'K') => self.rows[row].clear(),
                ("", 'J') => {
                    self.rows[row].truncate(column);
                    self.rows[row + 1..].iter_mut().for_each(Vec::clear);
                }
                ("?7", 'l' | 'h') => {}
                other => panic!("CSI {other:?}"),
            }
        }

        fn text(&self) -> String {
            let rows = self.rows.iter().map(|row| row.iter().collect::<String>());
            rows.collect::<Vec<_>>().join("\n").trim_end().to_owned()
        }
    }

    #[test]
    fn what_is_being_typed_stays_where_it_is() {
        // In the middle of the screen, and at its last row.
        for rows in [10, 4] {
            let mut screen = Screen::new(rows);
            screen.take("one\r\ntwo\r\n");
            screen.take(&below("connected 0:01"));
            for (typed, status) in [("me", "connected 0:02"), ("ssage", "connected 0:03")] {
                screen.take(typed);
                screen.take(&below(status));
            }
            let shown = screen.text();
            assert!(shown.ends_with("two\nmessage\nconnected 0:03"), "{shown}");
            // Something happens meanwhile.
            screen.take(IN_ITS_PLACE);
            screen.take("digit 1\r\n");
            screen.take(&below("connected 0:04"));
            let shown = screen.text();
            assert!(shown.ends_with("message\ndigit 1\n\nconnected 0:04"), "{shown}");
            // A line is entered.
            screen.take("hold\r\n");
            screen.take(HERE);
            screen.take("hold: done\r\n");
            let shown = screen.text();
            assert!(shown.ends_with("digit 1\nhold\nhold: done"), "{shown}");
        }
    }

    #[test]
    fn a_meter_is_empty_at_silence_and_full_at_full_scale() {
        assert_eq!(meter(None), "▯▯▯▯▯▯▯▯");
        assert_eq!(meter(Some(-96.0)), "▯▯▯▯▯▯▯▯");
        assert_eq!(meter(Some(-30.0)), "▮▮▮▮▯▯▯▯");
        assert_eq!(meter(Some(3.0)), "▮▮▮▮▮▮▮▮");
    }

    #[test]
    fn what_was_not_measured_is_a_dash_and_not_a_zero() {
        let info =
            CallInfo { codec: Some(sidetone::base::plan::CodecKind::Opus), ..CallInfo::default() };
        let line = text(&info, &CallStats::default());
        assert!(line.contains("jitter –") && line.contains("MOS –"), "{line}");
    }
}
