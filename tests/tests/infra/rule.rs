//! The rule of a composite alarm, as `CloudWatch` reads it: `ALARM("a") AND NOT (OK("b") OR TRUE)`.
//!
//! The syntax is that of `AlarmRule` in `PutCompositeAlarm`: functions `ALARM`, `OK`, `INSUFFICIENT_DATA` of a name or
//! an ARN, with or without quotes; `TRUE`, `FALSE`; `NOT`, `AND`, `OR`, parentheses; and `AT_LEAST`, which nobody uses here
//! and which is therefore refused.

/// The alarms that a rule names, or where it stops being one.
pub(crate) fn alarms(rule: &str) -> Result<Vec<String>, String> {
    let mut reader = Reader {
        rest: rule,
        alarms: Vec::new(),
    };
    reader.expression()?;
    let rest = reader.rest.trim_start();
    if rest.is_empty() {
        Ok(reader.alarms)
    } else {
        Err(format!("it goes on with {rest:?}"))
    }
}

struct Reader<'r> {
    rest: &'r str,
    alarms: Vec<String>,
}

impl<'r> Reader<'r> {
    /// Terms between `AND`s and `OR`s.
    fn expression(&mut self) -> Result<(), String> {
        self.term()?;
        while self.word("AND") || self.word("OR") {
            self.term()?;
        }
        Ok(())
    }

    fn term(&mut self) -> Result<(), String> {
        if self.word("NOT") {
            return self.term();
        }
        if self.sign('(') {
            self.expression()?;
            return self.close();
        }
        if self.word("TRUE") || self.word("FALSE") {
            return Ok(());
        }
        for state in ["ALARM", "OK", "INSUFFICIENT_DATA"] {
            if self.word(state) {
                if !self.sign('(') {
                    return Err(format!("{state} has no alarm"));
                }
                let name = self.name()?;
                self.alarms.push(name);
                return self.close();
            }
        }
        Err(format!("{:?} is no term", self.rest.trim_start()))
    }

    fn name(&mut self) -> Result<String, String> {
        let rest = self.rest.trim_start();
        for quote in ['"', '\''] {
            if let Some(inner) = rest.strip_prefix(quote) {
                let (name, rest) = inner.split_once(quote).ok_or("a quote is not closed")?;
                self.rest = rest;
                return Ok(name.to_owned());
            }
        }
        let end = rest.find([')', '(', ' ', '"']).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        self.rest = rest;
        if name.is_empty() {
            Err("an alarm has no name".to_owned())
        } else {
            Ok(name.to_owned())
        }
    }

    /// Takes a keyword, which ends where a word ends.
    fn word(&mut self, word: &str) -> bool {
        let rest = self.rest.trim_start();
        match rest.strip_prefix(word) {
            Some(rest) if !rest.starts_with(|it: char| it.is_alphanumeric() || it == '_') => {
                self.rest = rest;
                true
            }
            _ => false,
        }
    }

    fn sign(&mut self, sign: char) -> bool {
        let rest: &'r str = self.rest.trim_start();
        let Some(rest) = rest.strip_prefix(sign) else {
            return false;
        };
        self.rest = rest;
        true
    }

    fn close(&mut self) -> Result<(), String> {
        if self.sign(')') {
            Ok(())
        } else {
            Err(format!(
                "a parenthesis is not closed before {:?}",
                self.rest
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::alarms;

    #[test]
    fn rules_are_read_and_slips_are_not() {
        let good = r#"ALARM("a b") OR (ALARM(c) AND NOT OK('d')) AND INSUFFICIENT_DATA(<x.E>)"#;
        assert_eq!(alarms(good).unwrap(), ["a b", "c", "d", "<x.E>"]);
        assert_eq!(alarms("FALSE").unwrap(), Vec::<String>::new());
        for bad in [
            "",
            "ALARM(a",
            "ALARM(a) OR",
            "ALARM(a) ALARM(b)",
            "ALARM a",
            "alarm(a)",
            "ALARM()",
            "ALARM(\"a) OR ALARM(b)",
            "(ALARM(a)",
            "ALARM(a))",
            "ORALARM(a)",
        ] {
            assert!(alarms(bad).is_err(), "{bad}");
        }
    }
}
