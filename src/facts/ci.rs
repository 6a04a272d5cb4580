//! Which run of which CI system this is, from a fixed list of variables and nothing else.

use serde::Serialize;

use crate::git;
use crate::intoto::predicate::provenance::LOCAL_BUILDER;

/// A run of a build system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The URI of the system.
    pub builder: String,
    /// The URI of the run.
    pub run: Option<String>,
    /// What it ran.
    pub workflow: Option<Workflow>,
}

/// What a run of a build system was asked to run, as GitHub's own provenance states it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Workflow {
    /// The address of the repository.
    pub repository: String,
    /// The full git ref, such as `refs/heads/main`.
    #[serde(rename = "ref")]
    pub reference: String,
    /// The file that says what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl Invocation {
    /// The only variables that are ever read. None of them is a secret.
    pub const VARIABLES: [&'static str; 15] = [
        "CI_COMMIT_BRANCH",
        "CI_COMMIT_TAG",
        "CI_CONFIG_PATH",
        "CI_JOB_URL",
        "CI_MERGE_REQUEST_REF_PATH",
        "CI_PROJECT_URL",
        "CI_RUNNER_ID",
        "GITHUB_ACTIONS",
        "GITHUB_REF",
        "GITHUB_REPOSITORY",
        "GITHUB_RUN_ATTEMPT",
        "GITHUB_RUN_ID",
        "GITHUB_SERVER_URL",
        "GITHUB_WORKFLOW_REF",
        "GITLAB_CI",
    ];

    /// Recognises GitHub Actions and GitLab; `variable` looks up one of [`Self::VARIABLES`].
    pub fn detect(variable: impl Fn(&'static str) -> Option<String>) -> Self {
        github(&variable).or_else(|| gitlab(&variable)).unwrap_or_default()
    }
}

impl Default for Invocation {
    /// A run outside of every system that we recognise.
    fn default() -> Self {
        Self { builder: LOCAL_BUILDER.to_owned(), run: None, workflow: None }
    }
}

/// The workflow file at its revision is the builder, as in GitHub's own attestations.
fn github(variable: &impl Fn(&'static str) -> Option<String>) -> Option<Invocation> {
    variable("GITHUB_ACTIONS").filter(|set| set == "true")?;
    let server = address(variable, "GITHUB_SERVER_URL")?;
    let repository = variable("GITHUB_REPOSITORY")?;
    let workflow = variable("GITHUB_WORKFLOW_REF")?;
    let attempt = variable("GITHUB_RUN_ATTEMPT").unwrap_or_else(|| "1".to_owned());
    let run = variable("GITHUB_RUN_ID").map(|id| format!("{server}/{repository}/actions/runs/{id}/attempts/{attempt}"));
    let reference = variable("GITHUB_REF").filter(|reference| reference.starts_with("refs/"));
    // `OWNER/REPOSITORY/PATH@REF`.
    let path = workflow.strip_prefix(&repository).and_then(|rest| rest.strip_prefix('/')?.split('@').next());
    let path = path.filter(|path| !path.is_empty()).map(str::to_owned);
    let ran = |reference| Workflow { repository: format!("{server}/{repository}"), reference, path };
    Some(Invocation { builder: format!("{server}/{workflow}"), run, workflow: reference.map(ran) })
}

/// The runner of the project is the builder, as in GitLab's own provenance.
fn gitlab(variable: &impl Fn(&'static str) -> Option<String>) -> Option<Invocation> {
    variable("GITLAB_CI").filter(|set| set == "true")?;
    let project = address(variable, "CI_PROJECT_URL")?;
    let runner = variable("CI_RUNNER_ID")?;
    let named = |name, start: &str| variable(name).filter(|text| !text.is_empty()).map(|text| format!("{start}{text}"));
    let reference = named("CI_MERGE_REQUEST_REF_PATH", "").filter(|reference| reference.starts_with("refs/"));
    let reference = reference.or_else(|| named("CI_COMMIT_TAG", "refs/tags/"));
    let reference = reference.or_else(|| named("CI_COMMIT_BRANCH", "refs/heads/"));
    let path = named("CI_CONFIG_PATH", "");
    let workflow = reference.map(|reference| Workflow { repository: project.clone(), reference, path });
    let builder = format!("{project}/-/runners/{runner}");
    Some(Invocation { builder, run: address(variable, "CI_JOB_URL"), workflow })
}

/// Returns an address of the web without credentials, query or fragment, if the variable is one.
fn address(variable: &impl Fn(&'static str) -> Option<String>, name: &'static str) -> Option<String> {
    let url = variable(name)?;
    let web = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme))?;
    let named = web.split(['/', '?', '#']).next().is_some_and(|host| !host.is_empty() && !host.ends_with('@'));
    let plain = named && !url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\');
    plain.then(|| git::without_credentials(&url)).flatten().map(|url| url.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detect(variables: &[(&str, &str)]) -> Invocation {
        Invocation::detect(|name| {
            assert!(Invocation::VARIABLES.contains(&name), "{name} is not on the list");
            variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn credentials_are_left_out() {
        let invocation = detect(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://user:p@ssw0rd@github.com"),
            ("GITHUB_REPOSITORY", "ml/sentiment"),
            ("GITHUB_WORKFLOW_REF", "w"),
            ("GITHUB_RUN_ID", "42"),
        ]);
        assert_eq!(invocation.builder, "https://github.com/w");
        let invocation = detect(&[
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://user:secret@gitlab.com/ml/sentiment?private_token=secret"),
            ("CI_RUNNER_ID", "7"),
            ("CI_JOB_URL", "https://secret@gitlab.com/ml/sentiment/-/jobs/42#secret"),
        ]);
        assert_eq!(invocation.builder, "https://gitlab.com/ml/sentiment/-/runners/7");
        assert_eq!(invocation.run.as_deref(), Some("https://gitlab.com/ml/sentiment/-/jobs/42"));
    }

    #[test]
    fn what_is_no_address_of_the_web_is_local() {
        for server in ["github.com", "ssh://git@github.com", "file:///x", "javascript:x", "https://", "https://a b", ""]
        {
            let variables = [
                ("GITHUB_ACTIONS", "true"),
                ("GITHUB_SERVER_URL", server),
                ("GITHUB_REPOSITORY", "ml/sentiment"),
                ("GITHUB_WORKFLOW_REF", "w"),
                ("GITLAB_CI", "true"),
                ("CI_PROJECT_URL", server),
                ("CI_RUNNER_ID", "7"),
            ];
            assert_eq!(detect(&variables), Invocation::default(), "{server}");
        }
    }

    #[test]
    fn github_actions_is_recognised() {
        let invocation = detect(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "ml/sentiment"),
            ("GITHUB_WORKFLOW_REF", "ml/sentiment/.github/workflows/train.yml@refs/heads/main"),
            ("GITHUB_RUN_ID", "42"),
        ]);
        assert_eq!(invocation.builder, "https://github.com/ml/sentiment/.github/workflows/train.yml@refs/heads/main");
        assert_eq!(invocation.run.as_deref(), Some("https://github.com/ml/sentiment/actions/runs/42/attempts/1"));
    }

    #[test]
    fn gitlab_is_recognised() {
        let invocation = detect(&[
            ("GITLAB_CI", "true"),
            ("CI_PROJECT_URL", "https://gitlab.com/ml/sentiment"),
            ("CI_RUNNER_ID", "7"),
            ("CI_JOB_URL", "https://gitlab.com/ml/sentiment/-/jobs/42"),
        ]);
        assert_eq!(invocation.builder, "https://gitlab.com/ml/sentiment/-/runners/7");
        assert_eq!(invocation.run.as_deref(), Some("https://gitlab.com/ml/sentiment/-/jobs/42"));
    }

    #[test]
    fn a_run_says_what_it_was_asked_to_run() {
        let github = [
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "ml/sentiment"),
            ("GITHUB_WORKFLOW_REF", "ml/sentiment/.github/workflows/train.yml@refs/heads/main"),
        ];
        let with = |more: &[(&str, &str)]| detect(&[&github[..], more].concat()).workflow;
        let workflow = with(&[("GITHUB_REF", "refs/heads/main")]).unwrap();
        assert_eq!(
            (workflow.repository.as_str(), workflow.reference.as_str()),
            ("https://github.com/ml/sentiment", "refs/heads/main")
        );
        assert_eq!(workflow.path.as_deref(), Some(".github/workflows/train.yml"));
        assert_eq!([with(&[]), with(&[("GITHUB_REF", "main")])], [None, None]);
        let gitlab =
            [("GITLAB_CI", "true"), ("CI_PROJECT_URL", "https://gitlab.com/ml/sentiment"), ("CI_RUNNER_ID", "7")];
        let at = |more: &[(&str, &str)]| Some(detect(&[&gitlab[..], more].concat()).workflow?.reference);
        for (more, reference) in [
            (&[("CI_COMMIT_BRANCH", "main")][..], Some("refs/heads/main")),
            (&[("CI_COMMIT_TAG", "v1")], Some("refs/tags/v1")),
            (
                &[("CI_MERGE_REQUEST_REF_PATH", "refs/merge-requests/1/head"), ("CI_COMMIT_BRANCH", "x")],
                Some("refs/merge-requests/1/head"),
            ),
            (&[("CI_COMMIT_BRANCH", "")], None),
            (&[], None),
        ] {
            assert_eq!(at(more).as_deref(), reference, "{more:?}");
        }
    }

    #[test]
    fn anything_else_is_local() {
        assert_eq!(detect(&[("GITHUB_REPOSITORY", "x/y")]), Invocation::default());
        let github = [("GITHUB_SERVER_URL", "https://x"), ("GITHUB_REPOSITORY", "x/y"), ("GITHUB_WORKFLOW_REF", "w")];
        assert_eq!(detect(&github), Invocation::default());
        assert_eq!(detect(&[("CI_PROJECT_URL", "https://x"), ("CI_RUNNER_ID", "7")]), Invocation::default());
    }
}
