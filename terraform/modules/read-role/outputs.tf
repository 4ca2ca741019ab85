output "arn" {
  description = "The role's ARN."
  value       = aws_iam_role.read.arn
}

output "name" {
  description = "The role's name: read_role_name of the deployment, where it is not the default."
  value       = aws_iam_role.read.name
}
