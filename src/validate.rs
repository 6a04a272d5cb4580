//! `bom validate`: what is to be said of a bill of materials by itself, whoever made it.
//!
//! Nothing here is verified: a document that passes says of itself what it should say. Against files it is held by
//! [`against`].

use serde_json::Value;

use crate::completeness::{Completeness, Profile};
use crate::cyclonedx::foreign::{self, VERSIONS};
use crate::cyclonedx::schema::SchemaError;
use crate::cyclonedx::{Fault, advice, semantics};
use crate::json;
use crate::licence;
use crate::text::Text;

pub use check::Check;
pub use objection::{Level, Objection};
pub use remade::Origin;

pub mod against;
mod cards;
mod check;
mod component;
mod datasets;
mod facts;
pub mod known;
mod locate;
mod objection;
mod remade;

/// What a document is held to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Demands {
    /// The list by which completeness is judged; without one, what is lacking only warns.
    pub profile: Option<Profile>,
    /// Everything that warns is at fault.
    pub strict: bool,
    /// The least score.
    pub min_score: Option<f64>,
}

/// What came of validating a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validation {
    /// The version of CycloneDX that it names.
    pub version: Option<Text>,
    /// How complete it is.
    pub completeness: Option<Completeness>,
    /// What is to be said of it.
    pub objections: Vec<Objection>,
    /// What the machine kept us from checking.
    pub failures: Vec<Text>,
}

impl Validation {
    /// Says whether everything was checked and nothing is at fault.
    pub fn passes(&self) -> bool {
        self.exit_status() == 0
    }

    /// Returns the exit status: a fault is one, whatever could not be checked.
    pub fn exit_status(&self) -> u8 {
        match (self.count(Level::Error), self.failures.is_empty()) {
            (0, true) => 0,
            (0, false) => 3,
            _ => 1,
        }
    }

    /// Counts the objections of a level.
    pub fn count(&self, level: Level) -> usize {
        self.objections.iter().filter(|objection| objection.level == level).count()
    }
}

/// A document that was read, and what is to be said of it so far.
pub struct Examination<'t> {
    text: &'t [u8],
    demands: Demands,
    document: Option<Value>,
    validation: Validation,
}

/// Reads a document and holds it to its schema, to what the schema can't say, and to the list of the profile.
pub fn examine(text: &[u8], demands: Demands) -> Result<Examination<'_>, SchemaError> {
    let mut examination = Examination { text, demands, document: None, validation: Validation::default() };
    examination.read()?;
    Ok(examination)
}

impl Examination<'_> {
    fn read(&mut self) -> Result<(), SchemaError> {
        let document = match json::parse::<serde_json::Map<String, Value>>(self.text) {
            Ok(members) => Value::Object(members),
            Err(error) => {
                self.object(Check::Malformed, Level::Error, Fault::new("", error.to_string()));
                return Ok(());
            }
        };
        self.validation.version = document.get("specVersion").map(|version| match version.as_str() {
            Some(version) => Text::from(version),
            None => Text::from(version.to_string()),
        });
        let Some(faults) = foreign::schema_faults(&document) else {
            let message = format!("the version is none of those whose schema is at hand: {}", VERSIONS.join(", "));
            self.object(Check::UnknownVersion, Level::Error, Fault::new("/specVersion", message));
            return Ok(());
        };
        let faults = faults?;
        let fits = faults.is_empty();
        for fault in faults {
            self.object(Check::Schema, Level::Error, fault);
        }
        if fits {
            self.read_on(&document);
            self.document = Some(document);
        }
        Ok(())
    }

    /// Looks at a document that fits its schema.
    fn read_on(&mut self, document: &Value) {
        let lacking = self.lacking();
        for fault in semantics::located(document) {
            self.object(Check::Semantics, lacking, fault);
        }
        for fault in advice::faults(document) {
            self.object(Check::Undescribed, lacking, fault);
        }
        for obstacle in licence::obstacles(document) {
            let check = match obstacle.kind {
                licence::Kind::Conflict => Check::LicenceConflict,
                licence::Kind::Unknown => Check::LicenceUnknown,
            };
            let level = if self.demands.strict { Level::Error } else { Level::Warning };
            self.object(check, level, Fault::new(obstacle.pointer.clone(), obstacle.to_string()));
        }
        let Some(profile) = self.demands.profile else { return };
        let completeness = profile.completeness(document);
        self.judge_completeness(&completeness);
        self.validation.completeness = Some(completeness);
    }

    fn judge_completeness(&mut self, completeness: &Completeness) {
        let profile = completeness.profile;
        let counted = if profile.is_minimum() || self.demands.strict { Level::Error } else { Level::Warning };
        for missing in &completeness.missing {
            let level = if missing.counted { counted } else { Level::Note };
            let message = format!("`{}` of {profile} is missing; it goes into {}", missing.element, missing.place);
            let whole = [String::new()];
            let places = if missing.of.is_empty() { &whole[..] } else { &missing.of };
            for pointer in places {
                self.object(Check::Incomplete, level, Fault::new(pointer.clone(), message.clone()));
            }
        }
        let least = self.demands.min_score.filter(|least| completeness.score < *least);
        if let Some(least) = least {
            let message = format!("the score of {profile} is {:.1}, and must be {least:.1}", completeness.score);
            self.object(Check::LowScore, Level::Error, Fault::new("", message));
        }
    }

    /// Says how much it matters where a document lacks something.
    pub fn lacking(&self) -> Level {
        let demanding = self.demands.profile.is_some_and(Profile::is_minimum);
        if self.demands.strict || demanding { Level::Error } else { Level::Warning }
    }

    /// Returns the document, if it fits its schema.
    pub fn document(&self) -> Option<&Value> {
        self.document.as_ref()
    }

    /// Says something of the document.
    pub fn object(&mut self, check: Check, level: Level, fault: Fault) {
        self.validation.objections.push(Objection::new(check, level, fault));
    }

    /// Says what the machine kept us from checking.
    pub fn fail(&mut self, summary: Text) {
        self.validation.failures.push(summary);
    }

    /// Ends: objections get the lines at which they stand, as far as that is cheap.
    pub fn finish(mut self) -> Validation {
        let objections = &mut self.validation.objections;
        objections.sort_by_key(|objection| objection.level);
        locate::add_lines(self.text, objections);
        self.validation
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn validated(document: &Value, demands: Demands) -> Validation {
        examine(document.to_string().as_bytes(), demands).unwrap().finish()
    }

    fn checks(validation: &Validation) -> Vec<(Check, Level)> {
        validation.objections.iter().map(|objection| (objection.check, objection.level)).collect()
    }

    #[test]
    fn what_is_no_document_is_at_fault() {
        for text in ["", "[]", "<bom/>", "{\"bomFormat\":1,\"bomFormat\":1}", "{\"a\":1"] {
            let validation = examine(text.as_bytes(), Demands::default()).unwrap().finish();
            assert_eq!(checks(&validation), [(Check::Malformed, Level::Error)], "{text}");
            assert_eq!(validation.exit_status(), 1);
        }
    }

    #[test]
    fn a_version_without_schema_is_at_fault() {
        for version in [json!("1.4"), json!("2.0"), json!(1.6), json!(null)] {
            let validation = validated(&json!({"bomFormat": "CycloneDX", "specVersion": version}), Demands::default());
            assert_eq!(checks(&validation), [(Check::UnknownVersion, Level::Error)], "{version}");
        }
        let validation = validated(&json!({"bomFormat": "CycloneDX"}), Demands::default());
        assert_eq!(checks(&validation), [(Check::UnknownVersion, Level::Error)]);
    }

    #[test]
    fn what_is_lacking_warns_unless_it_is_demanded() {
        let document = json!({"bomFormat": "CycloneDX", "specVersion": "1.6"});
        let validation = validated(&document, Demands::default());
        assert_eq!(checks(&validation), [(Check::Semantics, Level::Warning)]);
        assert!(validation.passes());
        let strict = Demands { strict: true, ..Demands::default() };
        assert_eq!(checks(&validated(&document, strict)), [(Check::Semantics, Level::Error)]);
        let ntia = Demands { profile: Some(Profile::Ntia), ..Demands::default() };
        let validation = validated(&document, ntia);
        assert!(!validation.passes());
        assert!(checks(&validation).contains(&(Check::Incomplete, Level::Error)));
        let owasp = Demands { profile: Some(Profile::OwaspAibom), ..Demands::default() };
        assert!(validated(&document, owasp).passes());
        let scored = Demands { min_score: Some(50.0), ..owasp };
        assert!(checks(&validated(&document, scored)).contains(&(Check::LowScore, Level::Error)));
    }
}
