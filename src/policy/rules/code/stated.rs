//! What provenance and BOM state of the training code, wherever they do.

use serde_json::Value;

use crate::digest::ArtifactDigest;
use crate::intoto::ResourceDescriptor;
use crate::intoto::predicate::Provenance;
use crate::policy::bom::{self, Part};
use crate::policy::rules::code::address::{Address, Revision, is_commit, other_commit_in};
use crate::reference::Reference;

/// What a provenance and the BOMs beside it state.
pub(super) struct Stated<'s> {
    provenance: &'s Provenance,
    code: Option<&'s ResourceDescriptor>,
    /// The training code, as the BOMs have it.
    parts: Vec<Part<'s>>,
}

impl<'s> Stated<'s> {
    pub(super) fn by(provenance: &'s Provenance, boms: &[&'s Value]) -> Self {
        let code = provenance.references().find(|(reference, _)| *reference == Reference::Code).map(|(_, code)| code);
        let parts = boms.iter().flat_map(|document| bom::parts(document));
        let parts = parts.filter(|part| part.reference() == Some(Reference::Code)).collect();
        Self { provenance, code, parts }
    }

    /// Returns the git commit, if the provenance has one in full.
    pub(super) fn commit(&self) -> Option<&'s str> {
        self.code?.digest.get("gitCommit").map(String::as_str).filter(|text| is_commit(text))
    }

    /// Says whether the provenance has the digest of the files.
    pub(super) fn has_files(&self) -> bool {
        matches!(self.code.and_then(ResourceDescriptor::artifact_digest), Some(ArtifactDigest::Tree(_)))
    }

    /// Returns a commit that is stated and is another one, and who states it.
    pub(super) fn other_commit(&self, commit: &str) -> Option<(&'static str, String)> {
        let of_addresses = self.uris().map(|uri| ("an address of the code", uri));
        let of_workflow = ["repository", "ref"].into_iter().filter_map(|key| self.workflow(key)?.as_str());
        let of_bom = self.parts.iter().flat_map(|part| {
            let trail = part.list("/pedigree/commits").filter_map(|one| one.get("uid")?.as_str());
            let heritage = part.list("/swhid").filter_map(Value::as_str).filter(|id| id.starts_with("swh:1:rev:"));
            let version = part.text("purl").and_then(|purl| purl.split(['?', '#']).next());
            part.text("version").into_iter().chain(trail).chain(heritage).chain(version)
        });
        let stated = of_addresses.chain(of_workflow.map(|text| ("the workflow", text)));
        let mut stated = stated.chain(of_bom.map(|text| ("the BOM", text)));
        stated.find_map(|(who, text)| Some((who, other_commit_in(text, commit)?.to_owned())))
    }

    /// Says why the files are not as the commit has them, if nobody knows that they are.
    pub(super) fn why_unclean(&self) -> Option<&'static str> {
        let says = |name, clean| {
            let mut values = self.parts.iter().flat_map(move |part| part.properties(name));
            values.any(|value| value != Some(clean))
        };
        match self.code.and_then(|code| code.annotations.get("assaymark_dirty")).and_then(Value::as_bool) {
            None => Some("it is not recorded"),
            Some(true) => Some("files differ from the commit"),
            Some(false) if says("assaymark:dirty", "false") || says("assaymark:changed-files", "0") => {
                Some("the BOM says that files differ from the commit")
            }
            Some(false) if self.parts.iter().any(|part| part.properties("assaymark:changed-file").next().is_some()) => {
                Some("the BOM names a file that differs from the commit")
            }
            Some(false) if self.parts.iter().any(|part| part.is_modified()) => {
                Some("the BOM says that the code was modified, or has patches to it")
            }
            Some(false) => None,
        }
    }

    /// Returns the repositories: those of addresses, and that of a workflow.
    pub(super) fn repositories(&self) -> Vec<String> {
        let of_addresses = self.addresses().map(|address| address.repository.to_owned());
        of_addresses.chain(self.unreadable("repository")).collect()
    }

    /// Returns the refs: those of addresses, as far as these are pinned to anything but a commit, and that of a workflow.
    pub(super) fn refs(&self) -> Vec<String> {
        let of_addresses = self.addresses().filter_map(|address| match address.revision? {
            Revision::Commit(_) => None,
            Revision::Ref(name) | Revision::Unknown(name) => Some(name.to_owned()),
        });
        let of_workflow = self.workflow("ref").and_then(Value::as_str).map(str::to_owned);
        of_addresses.chain(of_workflow).chain(self.unreadable("ref")).collect()
    }

    /// Returns the addresses from which the code comes: that of the provenance, those of BOMs, and that of a workflow.
    fn addresses(&self) -> impl Iterator<Item = Address<'s>> {
        let of_workflow = self.workflow("repository").and_then(Value::as_str);
        self.uris().chain(of_workflow).map(Address::read)
    }

    fn uris(&self) -> impl Iterator<Item = &'s str> {
        let of_provenance = self.code.and_then(|code| code.uri.as_deref());
        let of_boms = self.parts.iter().flat_map(|part| part.list("/externalReferences"));
        let of_boms = of_boms.filter(|one| one.get("type").and_then(Value::as_str) == Some("vcs"));
        of_provenance.into_iter().chain(of_boms.filter_map(|one| one.get("url")?.as_str()))
    }

    /// Returns what a workflow states.
    fn workflow(&self, key: &str) -> Option<&'s Value> {
        self.provenance.build_definition.external_parameters.get("workflow")?.get(key)
    }

    /// Returns what a workflow states and is no text, as it stands: it is none that is allowed.
    fn unreadable(&self, key: &str) -> Option<String> {
        self.workflow(key).filter(|stated| !stated.is_string()).map(Value::to_string)
    }
}
