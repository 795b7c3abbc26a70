//! Tools of an MCP server over streamable HTTP: each list and each use is a connection of its own, to the configured address alone.
//! What a server says of its tools is a hint: the configuration says which are used and on whose word.
//! <https://modelcontextprotocol.io/specification>

use std::collections::BTreeMap;

use domain::ports::ToolError;
use rmcp::model::{CallToolRequestParams, CallToolResult};
use rmcp::service::{RoleClient, RunningService, ServiceError};
use rmcp::transport::StreamableHttpClientTransport;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::{ServiceExt, model::Tool};
use serde_json::{Value, json};

use super::{LARGEST_ANSWER, Place};

type Connected = RunningService<RoleClient, ()>;

fn unknown(why: &str) -> ToolError {
    ToolError::Unknown(why.to_owned())
}

async fn connect(http: &reqwest::Client, place: &Place) -> Result<Connected, ToolError> {
    let mut config = StreamableHttpClientTransportConfig::with_uri(place.base_url.as_str());
    config.max_json_response_size = LARGEST_ANSWER;
    config.max_sse_event_size = LARGEST_ANSWER;
    if let Some(token) = &place.token {
        config = config.auth_header(token.expose().as_str());
    }
    let transport = StreamableHttpClientTransport::with_client(http.clone(), config);
    // What it says is not repeated: it may hold an address or a token.
    ().serve(transport).await.map_err(|_| unknown("no connection"))
}

/// The server's tools by name: what each says it does, and the schema of its arguments.
pub(super) async fn list(http: &reqwest::Client, place: &Place) -> Result<BTreeMap<String, (String, Value)>, ToolError> {
    let listing = async {
        let server = connect(http, place).await?;
        let tools = server.list_all_tools().await.map_err(|_| unknown("no list of tools"));
        let _ = server.cancel().await;
        tools
    };
    let tools = tokio::time::timeout(place.timeout, listing).await.map_err(|_| unknown("too late"))??;
    Ok(tools.into_iter().map(|tool| (tool.name.to_string(), (about(&tool), Value::Object((*tool.input_schema).clone())))).collect())
}

fn about(tool: &Tool) -> String {
    let said = tool.title.as_deref().or(tool.description.as_deref()).unwrap_or(&tool.name);
    let line = said.lines().next().unwrap_or_default().trim().trim_end_matches('.');
    line.chars().filter(|letter| !letter.is_control()).take(120).collect()
}

/// Uses a tool.
pub(super) async fn call(http: &reqwest::Client, place: &Place, name: &str, arguments: &Value) -> Result<Value, ToolError> {
    let given = arguments.as_object().cloned().ok_or_else(|| ToolError::Refused("the arguments are no object".to_owned()))?;
    let using = async {
        let server = connect(http, place).await?;
        let result = server.call_tool(CallToolRequestParams::new(name.to_owned()).with_arguments(given)).await;
        let _ = server.cancel().await;
        match result {
            Ok(result) => told(result),
            Err(ServiceError::McpError(_)) => Err(ToolError::Declined("the server refused it".to_owned())),
            Err(_) => Err(unknown("no answer")),
        }
    };
    tokio::time::timeout(place.timeout, using).await.map_err(|_| unknown("too late"))?
}

fn told(result: CallToolResult) -> Result<Value, ToolError> {
    if result.is_error == Some(true) {
        return Err(ToolError::Declined("the tool says that it failed".to_owned()));
    }
    if let Some(structured) = result.structured_content {
        return Ok(structured);
    }
    let texts: Vec<&str> = result.content.iter().filter_map(|block| block.as_text().map(|text| text.text.as_str())).collect();
    let whole = texts.join("\n");
    if whole.len() > LARGEST_ANSWER {
        return Err(unknown("the answer is too long"));
    }
    Ok(serde_json::from_str(&whole).unwrap_or_else(|_| json!(whole)))
}
