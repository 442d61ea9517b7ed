//! Some papers of a record as one ZIP file, written as a stream: what somebody chose from the list of documents, and nothing else.

use super::{
    name::Papers,
    pack::{fault, moment},
};
use record::error::Error;
use std::io::Write;
use zip::{
    CompressionMethod,
    write::{SimpleFileOptions, StreamWriter, ZipWriter},
};

/// The most papers at once.
pub const MOST: usize = 100;

/// A ZIP file that is being written.
pub struct Folder<W: Write> {
    zip: ZipWriter<StreamWriter<W>>,
    options: SimpleFileOptions,
    names: Papers,
}

impl<W: Write> Folder<W> {
    /// Begins one; `made` is the moment.
    pub fn new(out: W, made: jiff::Timestamp) -> Folder<W> {
        // Papers are packed already, as most formats are.
        let options = SimpleFileOptions::default();
        let options = options.compression_method(CompressionMethod::Stored).last_modified_time(moment(made));
        Folder { zip: ZipWriter::new_stream(out), options, names: Papers::new(MOST) }
    }

    /// Puts a paper in.
    ///
    /// # Errors
    /// Where nobody takes what is written.
    pub fn put(&mut self, title: &str, content_type: &str, bytes: &[u8]) -> Result<(), Error> {
        self.zip.start_file(self.names.next(title, content_type), self.options).map_err(fault)?;
        self.zip.write_all(bytes).map_err(fault)
    }

    /// Ends it.
    ///
    /// # Errors
    /// Where nobody takes what is written.
    pub fn finish(self) -> Result<W, Error> {
        let mut out = self.zip.finish().map_err(fault)?.into_inner();
        out.flush().map_err(fault)?;
        Ok(out)
    }
}
