"""The console: the pages where people review, measure, release and look consent up."""
