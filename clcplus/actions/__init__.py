"""What changes data: keyword-only functions, one transaction each. Commands, tasks and views are
doors to the same actions."""
