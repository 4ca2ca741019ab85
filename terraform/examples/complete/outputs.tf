output "polo" {
  description = "What the module made."
  value       = module.polo
}

output "read_role_arn" {
  description = "The read role of this account."
  value       = module.read_role.arn
}
