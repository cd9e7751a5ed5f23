//! What this connector says to Salesforce, and what it makes of the answers.
