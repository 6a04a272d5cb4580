//! Licences as SPDX expressions.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use spdx::expression::ExprNode;
use spdx::{AdditionItem, Expression};
use thiserror::Error;

use crate::cyclonedx::{License, component::LicenseName};

/// A valid SPDX expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LicenseExpression(String);

/// Words of the Hugging Face Hub for licences whose SPDX identifiers are others. Words for several licences, such as `gpl` and
/// `cc`, are not among them. Those of the GNU family say nothing of later versions; SPDX reads them as one version only.
const WORDS_OF_CARDS: [(&str, &str); 11] = [
    ("agpl-3.0", "AGPL-3.0-only"),
    ("c-uda", "C-UDA-1.0"),
    ("gpl-2.0", "GPL-2.0-only"),
    ("gpl-3.0", "GPL-3.0-only"),
    ("lgpl-2.0", "LGPL-2.0-only"),
    ("lgpl-2.1", "LGPL-2.1-only"),
    ("lgpl-3.0", "LGPL-3.0-only"),
    ("lgpl-lr", "LGPLLR"),
    ("odbl", "ODbL-1.0"),
    ("odc-by", "ODC-By-1.0"),
    ("pddl", "PDDL-1.0"),
];

/// Why a text is not an SPDX expression.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not an SPDX licence expression: {reason}")]
pub struct LicenseError {
    text: String,
    reason: String,
}

impl FromStr for LicenseExpression {
    type Err = LicenseError;

    fn from_str(text: &str) -> Result<Self, LicenseError> {
        match Expression::parse(text) {
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(LicenseError { text: text.to_owned(), reason: error.reason.to_string() }),
        }
    }
}

impl fmt::Display for LicenseExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl LicenseExpression {
    /// Reads the word of a card for a licence, which mostly is the SPDX identifier in small letters. Nothing for `other`,
    /// `unknown` and whatever the list of SPDX does not have: no licence is guessed.
    pub fn of_card(word: &str) -> Option<Self> {
        let own = WORDS_OF_CARDS.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(word)).map(|(_, id)| id);
        let listed = || {
            let is_it = |name: &str| name.eq_ignore_ascii_case(word) && name != "NOASSERTION";
            let known = spdx::identifiers::LICENSES.iter().find(|license| is_it(license.name));
            known.map(|license| license.name)
        };
        own.or_else(listed).map(|id| Self(id.to_owned()))
    }

    /// Returns its licences, without what they say of later versions, for which cards have no word. One that SPDX does not
    /// list, or to which somebody adds terms of their own, is none.
    pub fn families(&self) -> BTreeSet<Option<String>> {
        let Ok(expression) = Expression::parse(&self.0) else { return BTreeSet::from([None]) };
        let family = |node: &spdx::expression::ExpressionReq| {
            let own = matches!(node.req.addition, Some(AdditionItem::Other(_)));
            let name = node.req.license.id().filter(|_| !own)?.name;
            let family = name.strip_suffix("-only").or_else(|| name.strip_suffix("-or-later"));
            Some(family.unwrap_or(name).to_owned())
        };
        expression.requirements().map(family).collect()
    }

    /// Returns the licence in the form that CycloneDX has for it.
    pub fn to_cyclonedx(&self) -> License {
        match self.single_id() {
            Some(id) => License::named(LicenseName::Id(id)),
            None if self.0.starts_with("LicenseRef-") && !self.0.contains(' ') => {
                License::named(LicenseName::Name(self.0.clone()))
            }
            None => License::expression(self.0.clone()),
        }
    }

    /// Returns the identifier if the expression is one licence of the SPDX list and nothing else.
    fn single_id(&self) -> Option<String> {
        let expression = Expression::parse(&self.0).ok()?;
        let mut nodes = expression.iter();
        let (Some(ExprNode::Req(node)), None) = (nodes.next(), nodes.next()) else { return None };
        let id = node.req.license.id()?;
        (id.name == self.0).then(|| id.name.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cyclonedx(text: &str) -> serde_json::Value {
        serde_json::to_value(text.parse::<LicenseExpression>().unwrap().to_cyclonedx()).unwrap()
    }

    #[test]
    fn words_of_cards_are_known_or_nothing() {
        assert_eq!(LicenseExpression::of_card("apache-2.0").unwrap().to_string(), "Apache-2.0");
        for (word, id) in WORDS_OF_CARDS {
            assert_eq!(LicenseExpression::of_card(word).unwrap().to_string(), id);
            assert!(id.parse::<LicenseExpression>().is_ok(), "{id}");
        }
        for word in ["other", "unknown", "openrail", "", "llama3", "gpl", "lgpl", "bsd", "cc"] {
            assert_eq!(LicenseExpression::of_card(word), None, "{word}");
        }
    }

    #[test]
    fn each_expression_has_its_form() {
        let declared = "declared";
        let license = |key: &str, name: &str| json!({"license": {key: name, "acknowledgement": declared}});
        let expression = |text: &str| json!({"expression": text, "acknowledgement": declared});
        assert_eq!(cyclonedx("Apache-2.0"), license("id", "Apache-2.0"));
        assert_eq!(cyclonedx("MIT OR Apache-2.0"), expression("MIT OR Apache-2.0"));
        assert_eq!(cyclonedx("LicenseRef-Own"), license("name", "LicenseRef-Own"));
        let exception = "GPL-2.0-only WITH Classpath-exception-2.0";
        assert_eq!(cyclonedx(exception), expression(exception));
    }

    #[test]
    fn what_spdx_does_not_know_is_refused() {
        for text in ["unknown", "openrail", "", "MIT OR"] {
            assert!(text.parse::<LicenseExpression>().is_err(), "{text}");
        }
    }
}
