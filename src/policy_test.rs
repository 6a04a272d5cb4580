//! Fixtures of a policy.
