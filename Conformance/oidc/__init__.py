"""One test per row of the conformance plans, RFC 9700 and published attacks."""
