"""The demonstration docket: fictional labs and models, made only through acts under a scripted clock."""
