locals {
  # Where each zip is. In a folder Terraform notices a change by its hash; in a bucket the
  # prefix identifies the release.
  zips = {
    for name in distinct(concat(
      ["consumer"], [for s in local.sources : s.kind.zip], local.webhooks == null ? [] : ["github-webhooks"], var.alerts == null ? [] : ["alerts"],
      )) : name => {
      filename  = var.artifacts.folder == null ? null : "${var.artifacts.folder}/${name}-${var.architecture}.zip"
      hash      = var.artifacts.folder == null ? null : filebase64sha256("${var.artifacts.folder}/${name}-${var.architecture}.zip")
      s3_bucket = var.artifacts.s3_bucket
      s3_key    = var.artifacts.s3_bucket == null ? null : join("/", compact([var.artifacts.s3_prefix, "${name}-${var.architecture}.zip"]))
    }
  }

  lambda_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}
