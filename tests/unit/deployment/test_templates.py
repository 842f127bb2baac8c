from pathlib import Path
from typing import Any

import pytest
import yaml

from deployment import templates
from deployment.packages.archive import Package
from deployment.problem import DeploymentError
from riskstack.emulator.template import Template

INCLUDE = {"Fn::Transform": {"Name": "AWS::Include", "Parameters": {"Location": "api.yaml"}}}


@pytest.fixture
def app(tmp_path: Path) -> Template:
    (tmp_path / "api.yaml").write_text("openapi: 3.0.1")
    resources = {
        "F": {"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": "../build/f"}},
        "Api": {"Type": "AWS::Serverless::Api", "Properties": {"DefinitionBody": INCLUDE}},
        "Other": {"Type": "T", "Properties": {"List": [{"Fn::Transform": {"Name": "Macro"}}]}},
    }
    return Template(tmp_path / "app.yaml", {"Resources": resources})


def test_what_lies_here_is_named_where_it_is_in_s3(app: Template) -> None:
    (name,) = templates.included(app)
    file = templates.included_file(app, name)
    placed = templates.placed(app, "artifacts", {"F": "functions/f.zip"}, {name: file.key})
    function, api, other = placed["Resources"].values()
    assert function["Properties"] == {"CodeUri": {"Bucket": "artifacts", "Key": "functions/f.zip"}}
    location = api["Properties"]["DefinitionBody"]["Fn::Transform"]["Parameters"]["Location"]
    assert location == f"s3://artifacts/{file.key}"
    assert other == app.body["Resources"]["Other"]
    # the template itself is as it was
    assert app.body["Resources"]["F"]["Properties"]["CodeUri"] == "../build/f"
    assert templates.included(app) == [Path("api.yaml")]


def test_a_key_follows_from_the_content(app: Template) -> None:
    file = templates.included_file(app, Path("api.yaml"))
    assert file.content == b"openapi: 3.0.1"
    assert file.key.startswith("api/")
    assert file.key.endswith(".yaml")
    package = Package("etl", b"zip", 3)
    assert templates.upload(package).key == f"functions/etl/{package.digest}.zip"


def test_what_is_not_there_is_refused(app: Template) -> None:
    with pytest.raises(DeploymentError, match=r"app\.yaml: F has no package"):
        templates.placed(app, "artifacts", {}, {})
    with pytest.raises(DeploymentError, match=r"the included api\.yaml is not in S3"):
        templates.placed(app, "artifacts", {"F": "key"}, {})
    with pytest.raises(DeploymentError, match=r"app\.yaml includes none\.yaml: "):
        templates.included_file(app, Path("none.yaml"))


def test_a_template_is_written_in_full_and_in_its_order() -> None:
    shared: dict[str, Any] = {"Version": "2012-10-17"}
    body = {"Resources": {"B": shared, "A": shared}, "Format": "OFF"}
    text = templates.text("app.yaml", body)
    assert yaml.safe_load(text) == body
    # CloudFormation reads no aliases (user guide, "CloudFormation template formats")
    assert "&" not in text
    assert text.index("B:") < text.index("A:")


def test_a_template_that_is_too_long_is_refused() -> None:
    with pytest.raises(DeploymentError, match=r"app\.yaml has 51,2.. bytes, and CloudFormation"):
        templates.text("app.yaml", {"Description": "x" * 51_200})
