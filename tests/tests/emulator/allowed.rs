//! What is left out of the templates is what the emulator refuses, and nothing else.

use std::fs;

use serde_json::json;
use tempfile::TempDir;

use crate::aws::Aws;
use crate::machine::Machine;
use crate::templates::{self, LEFT_OUT};

#[tokio::test]
async fn every_type_that_is_left_out_is_one_that_the_emulator_refuses() {
    let machine = Machine::start();
    let aws = Aws::root(&machine.endpoint());
    for kind in LEFT_OUT {
        let template = json!({"Resources": {"It": {"Type": kind}}}).to_string();
        let parameters = [
            ("Action", "CreateStack"),
            ("StackName", "probe"),
            ("TemplateBody", &template),
        ];
        let answer = aws.query("cloudformation", "2010-05-15", &parameters).await;
        let Err(refusal) = answer else {
            panic!("the emulator takes {kind} by now: leave it in")
        };
        let unknown = refusal.0.contains("Unrecognized resource types") && refusal.0.contains(kind);
        assert!(
            unknown,
            "{kind} was refused for another reason: {refusal:?}"
        );
    }
}

#[test]
fn every_type_that_is_left_out_is_in_a_template() {
    let scratch = TempDir::new().unwrap();
    let gone = templates::copy_without(LEFT_OUT, scratch.path());
    for kind in LEFT_OUT {
        let found = gone.values().any(|it| it.kind == *kind);
        assert!(found, "no template has a {kind}: it need not be left out");
    }
    let copies = fs::read_dir(scratch.path()).unwrap();
    for copy in copies {
        let text = fs::read_to_string(copy.unwrap().path()).unwrap();
        for kind in LEFT_OUT {
            assert!(
                !text.contains(&format!("Type: {kind}\n")),
                "{kind} is still in:\n{text}"
            );
        }
    }
}
