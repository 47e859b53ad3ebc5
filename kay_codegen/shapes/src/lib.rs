//! Every shape of the source convention, generated, compiled and run.
#![forbid(unsafe_code)]
