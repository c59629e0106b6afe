"""Facts about Unicode and the domain name system, generated from what their authorities publish."""
