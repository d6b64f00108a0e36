//! The templates as they are deployed here: as they stand, less the resources of types that the emulator does not know.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_yaml_ng::Value as Yaml;

use crate::machine::root;

/// What the emulator refuses to hold although the deployment asks for it. Nothing else is left out.
///
/// `allowed.rs` asks the emulator for each of them: one that it takes does not belong here.
pub(crate) const LEFT_OUT: &[&str] = &[
    // A mock's answer. Made by an API call instead.
    "AWS::ApiGatewayV2::IntegrationResponse",
    // Two-way routes. Made by API calls instead; the emulator sends replies either way.
    "AWS::ApiGatewayV2::RouteResponse",
    // Questions to the logs, kept for operators.
    "AWS::Logs::QueryDefinition",
];

/// A resource that was left out.
#[derive(Debug)]
pub(crate) struct LeftOut {
    pub(crate) kind: String,
    pub(crate) properties: BTreeMap<String, Yaml>,
}

/// Copies every template, and returns what was left out of them by its logical name.
pub(crate) fn copy_without(left_out: &[&str], into: &Path) -> BTreeMap<String, LeftOut> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(root().join("infra")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "yaml") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let (rest, gone) = split(&text, left_out);
        fs::write(into.join(path.file_name().unwrap()), rest).unwrap();
        all.extend(gone);
    }
    all
}

/// Takes resources of some types out of a template's text. Everything else stays as it is written, to the byte.
fn split(text: &str, left_out: &[&str]) -> (String, BTreeMap<String, LeftOut>) {
    let mut gone = BTreeMap::new();
    let mut rest = String::new();
    for block in blocks(text) {
        let kind = block.lines().find_map(|it| it.strip_prefix("    Type: "));
        match kind {
            Some(kind) if left_out.contains(&kind.trim()) => {
                let parsed: BTreeMap<String, BTreeMap<String, Yaml>> =
                    serde_yaml_ng::from_str(&block)
                        .unwrap_or_else(|error| panic!("{error} in:\n{block}"));
                let (name, mut resource) = parsed.into_iter().next().unwrap();
                let properties = resource.remove("Properties").unwrap();
                let properties = serde_yaml_ng::from_value(properties).unwrap();
                let kind = kind.trim().to_owned();
                gone.insert(name, LeftOut { kind, properties });
                // What stands between two resources stays.
                let tail = block
                    .lines()
                    .rev()
                    .take_while(|it| it.starts_with("  #") || it.is_empty());
                let tail: Vec<&str> = tail.collect();
                for line in tail.iter().rev() {
                    rest.push_str(line);
                    rest.push('\n');
                }
            }
            _ => rest.push_str(&block),
        }
    }
    (rest, gone)
}

/// The text in pieces, each of which begins with a resource's name, or with whatever else is as far to the left.
fn blocks(text: &str) -> Vec<String> {
    let begins = |line: &str| {
        let indented = line.len() - line.trim_start().len();
        indented <= 2 && line.trim_end().ends_with(':') && !line.trim_start().starts_with('#')
    };
    let mut blocks = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if begins(line) {
            blocks.push(String::new());
        }
        blocks.last_mut().unwrap().push_str(line);
    }
    blocks
}

/// The name that `!Ref` names, in a property.
pub(crate) fn referred(value: &Yaml) -> &str {
    match value {
        Yaml::Tagged(tagged) if tagged.tag == "Ref" => tagged.value.as_str().unwrap(),
        other => panic!("{other:?} is no !Ref"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_the_named_types_is_taken_out() {
        let text = "\
Description: a template
Resources:
  # Stays.
  A:
    Type: AWS::A
    Properties: { B: !Ref B }

  B:
    Type: AWS::B
    Properties:
      A: !Ref A

  # Stays too.
  C:
    Type: AWS::C

Outputs:
  A: { Value: !Ref A }
";
        let (rest, gone) = split(text, &["AWS::B"]);
        let wanted = text.replace(
            "  B:\n    Type: AWS::B\n    Properties:\n      A: !Ref A\n",
            "",
        );
        assert_eq!(rest, wanted);
        assert_eq!(gone.keys().collect::<Vec<_>>(), ["B"]);
        assert_eq!(referred(&gone["B"].properties["A"]), "A");
        assert_eq!(split(text, &[]).0, text);
    }
}
