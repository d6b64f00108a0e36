"""What `infra/deploy`, `infra/teardown` and `infra/check` are made of."""
