//! Server-sent events, read piece by piece. <https://html.spec.whatwg.org/multipage/server-sent-events.html>

/// Longest line that is read.
const LONGEST_LINE: usize = 1 << 18;

/// Puts the lines of a stream together, wherever the network cut them.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    data: String,
}

/// A line that no vendor sends.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooLong;

impl Events {
    /// Takes in bytes and gives the data of every event that they complete.
    pub fn take(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut done = Vec::new();
        for byte in bytes {
            match byte {
                b'\n' => {
                    let line = std::mem::take(&mut self.line);
                    self.line(&line, &mut done);
                }
                // Its line feed follows; no vendor ends lines by a carriage return alone.
                b'\r' => {}
                other => self.line.push(*other),
            }
            if self.line.len() > LONGEST_LINE || self.data.len() > LONGEST_LINE {
                return Err(TooLong);
            }
        }
        Ok(done)
    }

    fn line(&mut self, line: &[u8], done: &mut Vec<String>) {
        if line.is_empty() {
            let data = std::mem::take(&mut self.data);
            if !data.is_empty() {
                done.push(data);
            }
            return;
        }
        let text = String::from_utf8_lossy(line);
        // Names, ids and comments repeat what the data says.
        let Some(data) = text.strip_prefix("data:") else { return };
        if !self.data.is_empty() {
            self.data.push('\n');
        }
        self.data.push_str(data.strip_prefix(' ').unwrap_or(data));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_the_same_wherever_the_network_cuts_them() {
        let stream = "event: a\r\ndata: {\"x\":\"é\"}\r\n\r\n: still here\n\ndata:one\ndata: two\n\ndata: [DONE]\n\n";
        let expected = ["{\"x\":\"é\"}", "one\ntwo", "[DONE]"];
        for size in 1..stream.len() {
            let mut events = Events::default();
            let mut found = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                found.extend(events.take(piece).expect("short lines"));
            }
            assert_eq!(found, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_line_without_an_end_is_given_up() {
        let mut events = Events::default();
        assert_eq!(events.take(&vec![b'x'; LONGEST_LINE + 2]), Err(TooLong));
    }
}
