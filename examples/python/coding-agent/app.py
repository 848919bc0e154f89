"""The same app as examples/coding-agent, in Python: both synthesize the same template."""

from os import path

from aws_cdk import App, CfnOutput, Stack, Tags
from aws_cdk.aws_bedrockagentcore import AgentCoreRuntime, AgentRuntimeArtifact
from cdk_agentcore_runtime import AgentRuntime, Command, CommandRunner, SessionStorage

app = App()
stack = Stack(app, "CodingAgent")

agent = AgentRuntime(
    stack,
    "Agent",
    runtime_name="coding_agent",
    agent_runtime_artifact=AgentRuntimeArtifact.from_code_asset(
        path=path.join(path.dirname(path.abspath(__file__)), "../../coding-agent/agent"),
        runtime=AgentCoreRuntime.NODE_22,
        entrypoint=["main.js"],
    ),
    environment_variables={"WORKSPACE": "/mnt/workspace", "MOOD": app.node.try_get_context("mood") or "calm"},
    session_storage=SessionStorage(stack, "Workspace", mount_path="/mnt/workspace"),
)

# the deployment fails, and is rolled back, when the agent's tool chain is not what it needs
tool_chain = CommandRunner(
    stack,
    "CheckToolChain",
    runtime=agent,
    command=Command.shell(app.node.try_get_context("check") or "git --version && node --version && touch ./is-writable"),
    working_directory="/mnt/workspace",
)

team = app.node.try_get_context("team")
if team:
    Tags.of(agent).add("team", team)

agent.add_endpoint("prod").node.add_dependency(tool_chain)

CfnOutput(stack, "AgentArn", value=agent.agent_runtime_arn)
CfnOutput(stack, "ToolChain", value=tool_chain.stdout)

app.synth()
