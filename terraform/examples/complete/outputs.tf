output "polo" {
  description = "The module's outputs."
  value       = module.polo
}

output "read_role_arn" {
  description = "The read role of this account."
  value       = module.read_role.arn
}
