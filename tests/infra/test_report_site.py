"""The site's bucket: what it serves, who may read, what stays."""

from synthesis import SITE, Template

BUCKET = "AWS::S3::Bucket"


def test_bucket_serves_a_website_with_both_documents(template: Template) -> None:
    assert template.properties(BUCKET)["WebsiteConfiguration"] == {
        "IndexDocument": "index.html",
        "ErrorDocument": "error.html",
    }


def test_everyone_may_get_objects_and_do_nothing_else(template: Template) -> None:
    policy = template.properties("AWS::S3::BucketPolicy")
    bucket = next(iter(template.of_type(BUCKET)))
    assert policy["Bucket"] == {"Ref": bucket}
    assert policy["PolicyDocument"]["Statement"] == [
        {
            "Sid": "PublicReadGetObject",
            "Effect": "Allow",
            "Principal": "*",
            "Action": "s3:GetObject",
            "Resource": {"Fn::Join": ["", [{"Fn::GetAtt": [bucket, "Arn"]}, "/*"]]},
        }
    ]


def test_public_access_block_lets_a_policy_through_and_no_acl(template: Template) -> None:
    assert template.properties(BUCKET)["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "IgnorePublicAcls": True,
        "BlockPublicPolicy": False,
        "RestrictPublicBuckets": False,
    }


def test_acls_are_off(template: Template) -> None:
    assert template.properties(BUCKET)["OwnershipControls"] == {
        "Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]
    }


def test_objects_are_encrypted_by_s3(template: Template) -> None:
    (rule,) = template.properties(BUCKET)["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}


def test_only_reports_expire(template: Template) -> None:
    rules = template.properties(BUCKET)["LifecycleConfiguration"]["Rules"]
    expiring = [rule for rule in rules if "ExpirationInDays" in rule]
    assert expiring == [
        {"Id": "ExpireReports", "Prefix": "reports/", "ExpirationInDays": 400, "Status": "Enabled"}
    ]


def test_unfinished_uploads_do_not_pile_up(template: Template) -> None:
    rules = template.properties(BUCKET)["LifecycleConfiguration"]["Rules"]
    aborting = [rule for rule in rules if "AbortIncompleteMultipartUpload" in rule]
    assert aborting == [
        {
            "Id": "AbortUploads",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 1},
            "Status": "Enabled",
        }
    ]


def test_reports_stay_as_long_as_the_settings_say(everything: Template) -> None:
    bucket = everything.of_type(BUCKET)[SITE]
    rules = bucket["Properties"]["LifecycleConfiguration"]["Rules"]
    assert [rule["ExpirationInDays"] for rule in rules if "ExpirationInDays" in rule] == [30]


def test_bucket_outlives_the_stack(template: Template) -> None:
    bucket = template.only(BUCKET)
    assert (bucket["DeletionPolicy"], bucket["UpdateReplacePolicy"]) == ("Retain", "Retain")
    assert not template.of_type("Custom::S3AutoDeleteObjects")


def test_bucket_and_content_go_with_the_stack_when_asked(everything: Template) -> None:
    buckets = everything.of_type(BUCKET)
    assert SITE in buckets
    assert {bucket["DeletionPolicy"] for bucket in buckets.values()} == {"Delete"}
    emptied = everything.of_type("Custom::S3AutoDeleteObjects").values()
    assert {each["Properties"]["BucketName"]["Ref"] for each in emptied} == buckets.keys()


def test_bucket_has_a_generated_name(template: Template) -> None:
    assert "BucketName" not in template.properties(BUCKET)


def test_outputs_name_the_website_and_say_who_reads_it(template: Template) -> None:
    bucket = next(iter(template.of_type(BUCKET)))
    url = template.body["Outputs"]["SiteUrl"]
    assert url["Value"] == {"Fn::GetAtt": [bucket, "WebsiteURL"]}
    assert "anyone on the internet" in url["Description"]
    assert template.body["Outputs"]["SiteBucketName"]["Value"] == {"Ref": bucket}
