//! The stacks as they would be deployed under a setting: what is there, and what it says.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::Value;

use crate::code::Code;
use crate::nested;
use crate::scope::{ACCOUNT, Scope, plain};
use crate::settings::Setting;
use crate::statements::{self, Statement};
use crate::templates::{ORDER, ROOT, Templates};

/// One resource that the setting has.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    /// The stack that it stands in.
    pub(crate) stack: String,
    /// Its logical id.
    pub(crate) id: String,
    /// Its type.
    pub(crate) kind: String,
    /// All of it.
    pub(crate) body: Value,
}

/// Everything that a setting has.
#[derive(Debug)]
pub(crate) struct Stacks<'a> {
    /// The setting.
    pub(crate) setting: &'a Setting,
    /// The files.
    pub(crate) templates: &'a Templates,
    /// What the code does.
    pub(crate) code: &'a Code,
    /// The resources.
    pub(crate) resources: Vec<Rc<Resource>>,
    /// The statements of their policies.
    pub(crate) statements: Vec<Statement>,
    /// What the stacks put out, by the stack's name and the output's.
    pub(crate) outputs: BTreeMap<(String, String), Value>,
    /// The ids of the tables by their names, those included that another Region's stack has.
    pub(crate) table_names: BTreeMap<String, String>,
    /// What could not be evaluated, and where.
    pub(crate) problems: Vec<(String, String)>,
}

impl<'a> Stacks<'a> {
    /// Evaluates the templates one after the other, each with the outputs of those before it.
    pub(crate) fn deploy(templates: &'a Templates, setting: &'a Setting, code: &'a Code) -> Self {
        let mut stacks = Self {
            setting,
            templates,
            code,
            resources: Vec::new(),
            statements: Vec::new(),
            outputs: BTreeMap::new(),
            table_names: BTreeMap::new(),
            problems: Vec::new(),
        };
        for name in ORDER {
            if setting.has(name) {
                stacks.add(name);
            }
        }
        stacks.statements = statements::read(&stacks);
        stacks
    }

    fn add(&mut self, stack: &str) {
        let Some(template) = self.templates.stacks.get(stack) else {
            self.note(stack, "the template is missing");
            return;
        };
        let scope = Scope {
            stack,
            template,
            region: &self.setting.region,
            parameters: self.parameters(stack, template),
            problems: RefCell::default(),
        };
        let present = |it: &Value| {
            it["Condition"]
                .as_str()
                .is_none_or(|name| scope.holds(name))
        };
        for (id, body) in entries(&template["Resources"]) {
            if present(body) {
                let body = scope.value(body).unwrap_or_default();
                self.resources.push(Rc::new(Resource {
                    stack: stack.to_owned(),
                    id: id.clone(),
                    kind: body["Type"].as_str().unwrap_or_default().to_owned(),
                    body,
                }));
            }
        }
        for (id, body) in entries(&template["Resources"]) {
            if let Some(name) = body.pointer("/Properties/TableName") {
                let name = scope.value(name).map(|it| plain(&it)).unwrap_or_default();
                self.table_names.insert(name, id.clone());
            }
        }
        for (name, body) in entries(&template["Outputs"]) {
            if present(body) {
                let value = scope.value(&body["Value"]).unwrap_or_default();
                self.outputs.insert((stack.to_owned(), name.clone()), value);
            }
        }
        for rule in entries(&template["Rules"]).map(|(_, it)| it) {
            let asked = rule.get("RuleCondition").is_none_or(|it| scope.decide(it));
            for assertion in rule["Assertions"].as_array().into_iter().flatten() {
                if asked && !scope.decide(&assertion["Assert"]) {
                    scope.problem(format!("a rule says: {}", assertion["AssertDescription"]));
                }
            }
        }
        for problem in scope.problems.into_inner() {
            self.note(stack, &problem);
        }
    }

    /// A parameter is what the setting says, or else what an earlier stack puts out under its name, or its default. A
    /// nested stack's is what the root passes.
    pub(crate) fn parameters(&mut self, stack: &str, template: &Value) -> BTreeMap<String, Value> {
        let mut parameters = BTreeMap::new();
        let nested = self.setting.is_nested() && stack != "foundation" && stack != ROOT;
        let passed = nested.then(|| nested::passed(self, stack));
        for (name, declared) in entries(&template["Parameters"]) {
            let value = if let Some(passed) = &passed {
                passed.get(name).cloned()
            } else {
                let given = self.setting.given.get(name);
                let given = given.map(|it| Value::from(it.as_str()));
                given.or_else(|| self.output(filled_by(name)).cloned())
            };
            let value = value.or_else(|| declared.get("Default").cloned());
            let value = value.unwrap_or_else(|| {
                self.note(stack, &format!("nothing gives the parameter {name}"));
                Value::Null
            });
            let allowed = &declared["AllowedValues"];
            if allowed.is_array() && !many(allowed).any(|it| plain(it) == plain(&value)) {
                self.note(stack, &format!("{name} may not be {value}"));
            }
            let is_list = declared["Type"]
                .as_str()
                .is_some_and(|it| it.contains("List"));
            let value = match value {
                Value::String(text) if is_list => {
                    let items = text.split(',').filter(|it| !it.is_empty());
                    items.map(|it| Value::from(it.trim())).collect()
                }
                Value::String(text) => Value::String(text),
                Value::Array(items) if is_list => Value::Array(items),
                other => Value::String(plain(&other)),
            };
            parameters.insert(name.clone(), value);
        }
        parameters
    }

    /// Notes what could not be evaluated.
    pub(crate) fn note(&mut self, stack: &str, problem: &str) {
        self.problems.push((stack.to_owned(), problem.to_owned()));
    }

    /// What some stack puts out under that name.
    pub(crate) fn output(&self, name: &str) -> Option<&Value> {
        self.outputs
            .iter()
            .find_map(|((_, it), value)| (it == name).then_some(value))
    }

    /// The resources.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Resource> {
        self.resources.iter().map(Rc::as_ref)
    }

    /// The resources of a type.
    pub(crate) fn of<'s>(&'s self, kind: &'s str) -> impl Iterator<Item = &'s Resource> {
        self.all().filter(move |it| it.kind == kind)
    }

    /// The resource that a text is the reference to, or an attribute of.
    pub(crate) fn referred(&self, text: &str) -> Option<&Rc<Resource>> {
        let inner = text.strip_prefix('<')?.strip_suffix('>')?;
        let mut parts = inner.split('.');
        let (stack, id) = (parts.next()?, parts.next()?);
        self.resources
            .iter()
            .find(|it| it.stack == stack && it.id == id)
    }

    /// `ChatTable`, or `ChatTable/lists` for an index, where a text is its ARN.
    pub(crate) fn table_of(&self, arn: &str) -> Option<String> {
        let (table, index) = match arn.split_once("/index/") {
            Some((table, index)) => (table, format!("/{index}")),
            None => (arn, String::new()),
        };
        let id = match self.referred(table) {
            Some(it) if table == it.attribute("Arn") && it.kind.starts_with("AWS::DynamoDB::") => {
                it.id.clone()
            }
            Some(_) => return None,
            None => {
                let (account, name) = table.split_once(":table/")?;
                let own = format!("arn:aws:dynamodb:{}:{ACCOUNT}", self.setting.region);
                let known = self.table_names.get(name).filter(|_| account == own);
                known?.clone()
            }
        };
        Some(format!("{id}{index}"))
    }

    /// The functions.
    pub(crate) fn functions(&self) -> impl Iterator<Item = Function<'_>> {
        self.of("AWS::Lambda::Function").map(|it| Function {
            name: it.id.trim_end_matches("Function"),
            resource: it,
        })
    }

    /// The function that a role belongs to, by the roles that the functions name.
    pub(crate) fn function_of(&self, role: &Resource) -> Option<String> {
        let arn = role.attribute("Arn");
        self.functions()
            .find(|it| it.resource.text("Role") == arn)
            .map(|it| it.name.to_lowercase())
    }
}

/// The output that fills a parameter: that of its name, with two exceptions.
pub(crate) fn filled_by(parameter: &str) -> &str {
    match parameter {
        "Issuers" => "Issuer",
        "Audiences" => "PhoneClientId",
        name => name,
    }
}

/// One function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Function<'s> {
    /// What its logical ids begin with: `Message`.
    pub(crate) name: &'s str,
    /// The resource.
    pub(crate) resource: &'s Resource,
}

const NOTHING: Value = Value::Null;

impl Resource {
    /// Where it stands, for a finding.
    pub(crate) fn at(&self) -> String {
        format!("{}/{}", self.stack, self.id)
    }

    /// A property by its path; null where there is none.
    pub(crate) fn get(&self, path: &str) -> &Value {
        let found = self.body.pointer(&format!("/Properties/{path}"));
        found.unwrap_or(&NOTHING)
    }

    /// A property's text; empty where there is none.
    pub(crate) fn text(&self, path: &str) -> &str {
        self.get(path).as_str().unwrap_or_default()
    }

    /// A property's number, written as one or as text.
    pub(crate) fn number(&self, path: &str) -> Option<f64> {
        number(self.get(path))
    }

    /// Whether a property is true, written as such or as text.
    pub(crate) fn is_on(&self, path: &str) -> bool {
        plain(self.get(path)) == "true"
    }

    /// What `Ref` of it gives.
    pub(crate) fn reference(&self) -> String {
        format!("<{}.{}>", self.stack, self.id)
    }

    /// What `Fn::GetAtt` of it gives.
    pub(crate) fn attribute(&self, name: &str) -> String {
        format!("<{}.{}.{name}>", self.stack, self.id)
    }
}

/// A number, written as one or as text.
pub(crate) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}

/// One text or many, as a list.
pub(crate) fn texts(value: &Value) -> Vec<String> {
    many(value).map(plain).collect()
}

/// One value or many, as a list; nothing where there is none.
pub(crate) fn many(value: &Value) -> impl Iterator<Item = &Value> {
    match value {
        Value::Array(items) => items.as_slice(),
        Value::Null => &[],
        one => std::slice::from_ref(one),
    }
    .iter()
}

/// The entries of an object; nothing where there is none.
pub(crate) fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
