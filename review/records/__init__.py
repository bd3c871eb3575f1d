"""What is kept: database, people, cases, files, jobs, migrations."""
