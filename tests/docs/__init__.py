"""What the documentation takes from the code: ``python -m tests.docs`` writes it into the pages."""
