//! The table of a metric, and what makes no sense in one.

use serde::Deserialize;

use crate::intoto::predicate::test_result::Metric;
use crate::name::Name;
use crate::policy::refusal::Refusal;

/// A metric and its bounds; at least one of the two.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(schemars::JsonSchema), schemars(rename = "Metrics"))]
pub(in crate::policy::rules) struct Table {
    /// Its name, such as `accuracy`.
    pub(super) name: String,
    /// The lowest value that it may have.
    pub(super) min: Option<f64>,
    /// The highest value that it may have.
    pub(super) max: Option<f64>,
    /// The dataset on which it must be measured, with the digest that the provenance records.
    pub(super) dataset: Option<Name>,
    /// The part of the data that it is about, such as `language=de`; all of it if not given.
    pub(super) slice: Option<String>,
}

impl Table {
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let name = self.what();
        if self.name.is_empty() || self.slice.as_ref().is_some_and(String::is_empty) {
            return Err("a metric or a slice has an empty name".into());
        }
        match (self.min, self.max) {
            (None, None) => Err(format!("the metric `{name}` has no `min` and no `max`").into()),
            (Some(min), Some(max)) if min > max => Err(format!("`min` is above `max` for the metric `{name}`").into()),
            (min, max) if !min.into_iter().chain(max).all(f64::is_finite) => {
                Err(format!("a bound of the metric `{name}` is no finite number").into())
            }
            (Some(0.0), _) => {
                let message =
                    format!("`min = 0` demands nothing of the metric `{name}`, as most metrics are never below it");
                let hint = "write the least value that you take; of a metric that may be negative as well, one beside 0, such \
                            as 0.0001";
                Err(Refusal::from(message).hint(hint))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn measures_like(&self, other: &Self) -> bool {
        self.name == other.name && self.dataset == other.dataset && self.slice == other.slice
    }

    /// Names what is measured.
    pub(super) fn what(&self) -> String {
        let slice = self.slice.as_ref().map(|slice| format!(" of the slice {slice}")).unwrap_or_default();
        let dataset = self.dataset.as_ref().map(|name| format!(" on the dataset {name}")).unwrap_or_default();
        format!("{}{slice}{dataset}", self.name)
    }

    pub(super) fn bounds(&self) -> String {
        match (self.min, self.max) {
            (Some(min), Some(max)) => format!("from {min} to {max}"),
            (Some(min), None) => format!("at least {min}"),
            (_, max) => format!("at most {}", max.unwrap_or_default()),
        }
    }

    pub(super) fn holds(&self, value: f64) -> bool {
        // A comparison with what is no number is false, and so denies.
        self.min.is_none_or(|min| value >= min) && self.max.is_none_or(|max| value <= max)
    }

    pub(super) fn is_named(&self, metric: &Metric) -> bool {
        // A slice without a name is all of it.
        let slice = metric.slice.as_ref().filter(|slice| !slice.is_empty());
        metric.name == self.name && slice == self.slice.as_ref()
    }

    /// Says whether a metric is the one that is meant; of no sample nothing is measured.
    pub(super) fn is_meant(&self, metric: &Metric) -> bool {
        self.is_named(metric) && metric.samples != Some(0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::build;
    use super::*;

    fn table(min: Option<f64>, max: Option<f64>) -> Table {
        Table { name: "accuracy".into(), min, max, dataset: None, slice: None }
    }

    fn on_train(min: Option<f64>, max: Option<f64>) -> Table {
        Table { dataset: Some("train".parse().unwrap()), ..table(min, max) }
    }

    #[test]
    fn bounds_include_themselves() {
        let table = table(Some(0.5), Some(0.9));
        for (value, holds) in [(0.5, true), (0.9, true), (0.49, false), (0.91, false), (f64::NAN, false)] {
            assert_eq!(table.holds(value), holds, "{value}");
        }
    }

    #[test]
    fn bounds_that_make_no_sense_are_refused() {
        for tables in [
            vec![],
            vec![table(None, None)],
            vec![table(Some(0.9), Some(0.5))],
            vec![table(Some(f64::NAN), None)],
            vec![table(None, Some(f64::INFINITY))],
            vec![table(Some(0.9), None), table(None, Some(1.0))],
            vec![table(Some(0.0), None)],
            vec![table(Some(-0.0), Some(1.0))],
            vec![Table { slice: Some(String::new()), ..table(Some(0.9), None) }],
        ] {
            assert!(build(tables).is_err());
        }
    }

    #[test]
    fn a_count_may_be_none_and_a_value_negative() {
        for tables in [
            vec![table(None, Some(0.0))],
            vec![table(Some(-1.5), Some(0.0))],
            vec![table(Some(0.0001), None)],
            vec![table(Some(0.9), None), on_train(None, Some(0.9))],
            vec![Table { slice: Some("de".into()), ..table(Some(0.9), None) }, table(None, Some(0.5))],
        ] {
            assert!(build(tables).is_ok());
        }
    }
}
