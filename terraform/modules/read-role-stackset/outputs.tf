output "template" {
  description = "The StackSet's template, to deploy it by other means: terraform output -raw, into a file."
  value       = jsonencode(local.template)
}

output "stack_set_name" {
  description = "The StackSet's name."
  value       = aws_cloudformation_stack_set.read.name
}
