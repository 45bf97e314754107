"""What the site weighs: from the HTML of Sphinx to lighter HTML, one module a thing."""
