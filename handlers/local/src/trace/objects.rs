//! JSON objects in whatever surrounds them: lines that begin with a time, objects over several lines, other lines.
//!
//! It does not know what the objects say.

use std::io::{self, BufRead};

/// The longest object that is taken: ten thousand rows of an export.
const OBJECT_BYTES_MAX: usize = 64 << 20;

/// The outermost objects of a text, one after the other.
#[derive(Debug)]
pub(super) struct Objects<R> {
    source: R,
    /// What was read and is not yet looked at.
    line: Vec<u8>,
}

impl<R: BufRead> Objects<R> {
    pub(super) fn of(source: R) -> Self {
        Self {
            source,
            line: Vec::new(),
        }
    }

    /// The next balanced `{…}`; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let Some(begin) = self.line.iter().position(|it| *it == b'{') else {
                self.line.clear();
                if !self.read_line()? {
                    return Ok(None);
                }
                continue;
            };
            self.line.drain(..begin);
            if let Some(end) = self.end()? {
                let rest = self.line.split_off(end);
                return Ok(Some(std::mem::replace(&mut self.line, rest)));
            }
            // A brace that nothing closes is not the beginning of an object.
            self.line.drain(..1);
        }
    }

    /// Where the object ends with which the line begins.
    fn end(&mut self) -> io::Result<Option<usize>> {
        // Written compactly, an object ends on its line; indented, it may go over many.
        let compact = self.line.get(1) == Some(&b'"');
        let (mut depth, mut quoted, mut escaped, mut at) = (0_usize, false, false, 0);
        loop {
            while let Some(byte) = self.line.get(at) {
                at += 1;
                match byte {
                    _ if escaped => escaped = false,
                    b'\\' if quoted => escaped = true,
                    b'"' => quoted = !quoted,
                    b'{' if !quoted => depth += 1,
                    b'}' if !quoted => {
                        depth -= 1;
                        if depth == 0 {
                            return Ok(Some(at));
                        }
                    }
                    _ => {}
                }
            }
            if compact || self.line.len() > OBJECT_BYTES_MAX || !self.read_line()? {
                return Ok(None);
            }
        }
    }

    fn read_line(&mut self) -> io::Result<bool> {
        Ok(self.source.read_until(b'\n', &mut self.line)? > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str) -> Vec<String> {
        let mut objects = Objects::of(text.as_bytes());
        let next = || objects.next().unwrap();
        std::iter::from_fn(next)
            .map(|it| String::from_utf8(it).unwrap())
            .collect()
    }

    #[test]
    fn objects_are_found_in_whatever_is_around_them() {
        let rows: [(&str, &[&str]); 7] = [
            ("", &[]),
            ("START RequestId: 1\nEND\n", &[]),
            (
                "{\"a\":1}\n{\"b\":{\"c\":2}}\n",
                &["{\"a\":1}", "{\"b\":{\"c\":2}}"],
            ),
            (
                "2026-01-01 2026/[$LATEST]ab {\"a\":\"}{\"} x {}",
                &["{\"a\":\"}{\"}", "{}"],
            ),
            ("t {\n  \"a\": {\n  }\n}\nrest", &["{\n  \"a\": {\n  }\n}"]),
            ("{\"open\n{\"a\":\"\\\"{\"}", &["{\"a\":\"\\\"{\"}"]),
            ("{ never closed\n\n{\"a\":1}\n", &["{\"a\":1}"]),
        ];
        for (text, expected) in rows {
            assert_eq!(all(text), expected, "{text}");
        }
    }
}
