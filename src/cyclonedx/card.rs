//! The card of a model: what it is, how good it is, what it is for and what it is not for.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Number;

use crate::cyclonedx::Property;
use crate::cyclonedx::component::Supplier;

/// The card of a model. What nobody said is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelCard {
    /// Task, architecture and data.
    pub model_parameters: ModelParameters,
    /// How good it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantitative_analysis: Option<QuantitativeAnalysis>,
    /// What to think of before it is used.
    #[serde(skip_serializing_if = "Considerations::is_empty")]
    pub considerations: Considerations,
    /// What has no field of its own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// What a model is for, and what it was made with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelParameters {
    /// How it learned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approach: Option<Approach>,
    /// What it is for, such as `text-classification`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// The family of its architecture, such as `bert`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub architecture_family: Option<String>,
    /// Its architecture, such as `BertForSequenceClassification`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model_architecture: Option<String>,
    /// The datasets, each by the `bom-ref` of its component: `[{"ref": …}]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<BTreeMap<&'static str, String>>,
    /// What goes in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub inputs: Vec<Port>,
    /// What comes out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Port>,
}

/// How a model learned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Approach {
    /// `supervised`, `unsupervised`, `reinforcement-learning`, `semi-supervised` or `self-supervised`.
    #[serde(rename = "type")]
    pub kind: &'static str,
}

/// What goes into a model, or comes out of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Port {
    /// Its form: a media type, a modality, or a tensor as `NAME: TYPE [SHAPE]`.
    pub format: String,
}

/// How good a model is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct QuantitativeAnalysis {
    /// The metrics.
    pub performance_metrics: Vec<PerformanceMetric>,
}

/// One metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PerformanceMetric {
    /// Its name.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its value.
    pub value: String,
    /// On which data.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slice: Option<String>,
    /// Between which values it is likely to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence_interval: Option<ConfidenceInterval>,
}

/// Between which values a metric is likely to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ConfidenceInterval {
    /// The least value.
    pub lower_bound: String,
    /// The greatest value.
    pub upper_bound: String,
}

/// What to think of before a model is used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Considerations {
    /// Who is meant to use it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<String>,
    /// What it is meant for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub use_cases: Vec<String>,
    /// What it can't do.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub technical_limitations: Vec<String>,
    /// What was given up for what.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub performance_tradeoffs: Vec<String>,
    /// Whom it may harm.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ethical_considerations: Vec<Risk>,
    /// What it costs the world.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub environmental_considerations: Option<EnvironmentalConsiderations>,
    /// For whom it is worse than for others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fairness_assessments: Vec<FairnessAssessment>,
}

impl Considerations {
    /// Says whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A risk, and what is done about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Risk {
    /// What may happen.
    pub name: String,
    /// What is done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigation_strategy: Option<String>,
}

/// What a model costs the world. What has no activity and no provider is a property.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnvironmentalConsiderations {
    /// The energy, by what it was for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub energy_consumptions: Vec<EnergyConsumption>,
    /// Names and values.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub properties: Vec<Property>,
}

/// The energy that one activity took.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnergyConsumption {
    /// What for, such as `training`.
    pub activity: &'static str,
    /// Who provided it.
    pub energy_providers: Vec<EnergyProvider>,
    /// How much it was, in kWh.
    pub activity_energy_cost: Measure,
    /// What it emitted, in tonnes of carbon dioxide or what warms as much.
    #[serde(rename = "co2CostEquivalent", skip_serializing_if = "Option::is_none")]
    pub co2_cost_equivalent: Option<Measure>,
}

/// Who provided energy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EnergyProvider {
    /// The organisation.
    pub organization: Supplier,
    /// Where the energy came from.
    pub energy_source: &'static str,
    /// How much it was, in kWh.
    pub energy_provided: Measure,
}

/// A number with its unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measure {
    /// The number.
    pub value: Number,
    /// `kWh` or `tCO2eq`.
    pub unit: &'static str,
}

/// For whom a model is worse than for others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FairnessAssessment {
    /// Who.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group_at_risk: Option<String>,
    /// How they may be harmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub harms: Option<String>,
    /// What is done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mitigation_strategy: Option<String>,
}
