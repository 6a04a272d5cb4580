//! Files with metrics: good ones of each writer, and what is none.

use super::*;

fn read(text: &str) -> Result<Evaluation, EvaluationError> {
    Evaluation::parse(text.as_bytes())
}

#[test]
fn flat_metrics_may_have_slices() {
    let text = r#"{"accuracy": 0.93, "f1": 1, "slices": {"language=de": {"accuracy": 0.8}}}"#;
    let metrics = read(text).unwrap().metrics;
    let shown: Vec<_> =
        metrics.iter().map(|metric| (metric.name.as_str(), metric.value, metric.slice.as_deref())).collect();
    assert_eq!(shown, [("accuracy", 0.93, None), ("f1", 1.0, None), ("accuracy", 0.8, Some("language=de"))]);
}

#[test]
fn what_is_no_metric_is_an_error() {
    for text in [
        "{}",
        "[]",
        "x",
        r#"{"accuracy": "0.9"}"#,
        r#"{"accuracy": null}"#,
        r#"{"accuracy": {"mean": 1}}"#,
        r#"{"accuracy": 1, "accuracy": 2}"#,
        r#"{"accuracy": NaN}"#,
        r#"{"slices": {"a": {"x": []}}}"#,
    ] {
        assert!(read(text).is_err(), "{text}");
    }
}

#[test]
fn what_is_measured_has_a_name_that_can_be_read_and_a_sample() {
    let lm_eval = |samples: u64| {
        format!(r#"{{"results": {{"t": {{"acc,none": 0.5}}}}, "n-samples": {{"t": {{"effective": {samples}}}}}}}"#)
    };
    assert_eq!(read(&lm_eval(1)).unwrap().metrics[0].samples, Some(1));
    let none = lm_eval(0);
    for (text, expected) in [
        (r#"{"": 1}"#, "`` is no metric: its name, or that of its slice, is empty"),
        (r#"{" ": 1}"#, "is empty"),
        (r#"{"slices": {"": {"accuracy": 1}}}"#, "is empty"),
        (r#"{"acc\u0000uracy": 1}"#, "characters that nobody sees"),
        (r#"{"\u202eaccuracy": 1}"#, "characters that nobody sees"),
        (r#"{"slices": {"d\u200be": {"accuracy": 1}}}"#, "characters that nobody sees"),
        (none.as_str(), "`t/acc` is no metric: it is over 0 samples"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
}

#[test]
fn results_of_the_harness_without_a_value_are_called_so() {
    for text in [r#"{"results": {}}"#, r#"{"results": {"t": {"alias": "t"}}}"#, r#"{"results": {}, "config": {}}"#] {
        assert_eq!(read(text), Err(EvaluationError::NoResults), "{text}");
    }
    assert!(read(r#"{"results": {"t": 5}}"#).unwrap_err().to_string().contains("the task is no object"));
}

#[test]
fn a_run_of_mlflow_is_read() {
    let text = r#"{"run": {"info": {"run_id": "x", "status": "FINISHED", "end_time": 1767225600000},
        "data": {"metrics": [{"key": "accuracy", "value": 0.8, "step": 1, "timestamp": 1},
                             {"key": "accuracy", "value": 0.9, "step": 2, "timestamp": 2}]}}}"#;
    let evaluation = read(text).unwrap();
    assert_eq!(evaluation.metrics, [metric("accuracy".into(), 0.9)]);
    assert_eq!(evaluation.finished_on.unwrap().to_rfc3339(), "2026-01-01T00:00:00+00:00");
}

#[test]
fn a_run_that_did_not_finish_proves_nothing() {
    for info in
        [r#""status": "FAILED""#, r#""status": "KILLED""#, r#""status": "RUNNING""#, r#""status": 3"#, r#""x": 1"#]
    {
        let text = format!(
            r#"{{"run": {{"info": {{{info}}}, "data": {{"metrics": [{{"key": "accuracy", "value": 0.9}}]}}}}}}"#
        );
        assert!(matches!(read(&text), Err(EvaluationError::Unfinished(_))), "{text}");
    }
}

fn file(name: &str) -> Evaluation {
    let path = format!("{}/testdata/reports/{name}", env!("CARGO_MANIFEST_DIR"));
    Evaluation::parse(&std::fs::read(path).unwrap()).unwrap()
}

#[test]
fn files_of_the_writers_themselves_are_read() {
    let run = file("mlflow.json");
    assert_eq!(run.metrics, [metric("accuracy".into(), 0.91), metric("loss".into(), 0.3)]);
    assert!(run.finished_on.is_some());
    let harness = file("lm-eval.json");
    let names: Vec<_> = harness.metrics.iter().map(|one| (one.name.as_str(), one.samples)).collect();
    assert_eq!(names, [("group/acc", Some(2)), ("one/acc", Some(2))]);
    assert_eq!(harness.harness.unwrap().1, "0.4.13");
}

#[test]
fn results_of_the_harness_are_read() {
    let text = r#"{"results": {"gsm8k": {"alias": "gsm8k", "exact_match,strict-match": 0.5,
          "exact_match_stderr,strict-match": 0.01},
        "hellaswag": {"alias": " - hellaswag", "acc,none": 0.4, "acc_stderr,none": "N/A"}},
        "n-samples": {"gsm8k": {"original": 1319, "effective": 100}},
        "config": {"model": "hf"}, "date": 1767225600.5, "lm_eval_version": "0.4.9"}"#;
    let evaluation = read(text).unwrap();
    let gsm8k = &evaluation.metrics[0];
    assert_eq!(
        (gsm8k.name.as_str(), gsm8k.error, gsm8k.samples),
        ("gsm8k/exact_match,strict-match", Some(0.01), Some(100))
    );
    assert_eq!(evaluation.metrics[1], metric("hellaswag/acc".into(), 0.4));
    assert_eq!(evaluation.harness.unwrap().0, "pkg:pypi/lm-eval@0.4.9");
}
