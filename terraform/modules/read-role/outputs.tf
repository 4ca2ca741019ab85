output "arn" {
  description = "The role's ARN."
  value       = aws_iam_role.read.arn
}

output "name" {
  description = "The role's name: the deployment's read_role_name, if not the default."
  value       = aws_iam_role.read.name
}
