"""What Django writes by itself into a page, language by language."""
