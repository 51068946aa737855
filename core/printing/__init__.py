"""Papers as PDF: what a document says, set as a page one would sign."""
