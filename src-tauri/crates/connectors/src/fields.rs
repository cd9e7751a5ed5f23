//! Paste-tolerant reading of form fields.
