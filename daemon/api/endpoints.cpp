#include "daemon/api/body_reader.hpp"
#include "daemon/api/endpoint_call.hpp"
#include "daemon/api/endpoint_json.hpp"
#include "daemon/api/functions.hpp"
#include "daemon/api/parameters.hpp"
#include "daemon/api/replies.hpp"
#include "daemon/write_once.hpp"

namespace postern::daemon {

using dispatch::EndpointSettings;
using storage::EndpointRow;
using storage::Page;
using storage::PageRequest;

namespace {

constexpr std::size_t kTextBytesMax = 64 * 1024;  // each field has its own bound behind this one

// The fields that are no settings, as they were sent.
struct EndpointForm {
    std::optional<std::string> url;
    std::optional<std::string> uid;  // empty: to be taken away
    std::optional<std::string> secret;
    std::optional<std::string> client_key;
    std::optional<EndpointSwitch> status;
};

std::optional<EndpointSwitch> read_status(BodyReader& body) {
    const auto sent = body.text("status", kTextBytesMax);
    if (!sent) return std::nullopt;
    if (*sent == "enabled") return EndpointSwitch::enable;
    if (*sent == "disabled") return EndpointSwitch::disable;
    body.complain("status", "must be enabled or disabled");
    return std::nullopt;
}

// null takes away what need not be there.
std::optional<std::string> read_removable(BodyReader& body, std::string_view name) {
    if (body.object()[name].is_null()) return std::string{};
    return body.text(name, kTextBytesMax);
}

std::optional<std::string> read_secret(BodyReader& body) {
    const auto sent = body.text("secret", kTextBytesMax);
    if (!sent) return std::nullopt;
    auto parsed = dispatch::parse_endpoint_secret(*sent);
    if (parsed) return std::move(*parsed);
    body.complain("secret", parsed.error().message);
    return std::nullopt;
}

void add_details(BodyReader& body, const std::optional<ApiError>& error) {
    if (!error) return;
    for (const ApiError::Detail& detail : error->details) {
        body.complain(detail.field, detail.message);
    }
}

EndpointForm read_form(BodyReader& body) {
    EndpointForm form;
    form.url = body.text("url", kTextBytesMax);
    form.uid = read_removable(body, "uid");
    if (form.uid) add_details(body, judge_uid(*form.uid));
    form.secret = read_secret(body);
    form.client_key = read_removable(body, "client_key");
    form.status = read_status(body);
    return form;
}

struct JudgedDraft {
    EndpointDraft draft;
    std::optional<ApiError> error;
};

JudgedDraft read_draft(const ApiCall& call) {
    BodyReader body{call.request.body};
    const EndpointForm form = read_form(body);
    EndpointDraft draft;
    draft.owner = owner_of(call);
    if (!form.url) body.complain("url", "is required: where the events are to be posted");
    if (body.object().exists()) {
        body.complain(dispatch::read_settings(body.object(), draft.settings));
    }
    auto error = body.complaints();
    if (!error) error = judge_url(call.around.dispatcher, draft.owner.livemode, *form.url);
    draft.client_key_pem = form.client_key.value_or("");
    if (!error) error = judge_credentials(draft.settings, draft.client_key_pem);
    draft.url = form.url.value_or("");
    draft.uid = form.uid.value_or("");
    draft.secret = form.secret.value_or("");
    if (form.status == EndpointSwitch::disable) draft.status = storage::EndpointStatus::disabled;
    return {std::move(draft), std::move(error)};
}

// What a PATCH changes, over the endpoint as it is stored.
std::optional<ApiError>
apply_form(OpenEndpoint& endpoint, const EndpointForm& form, JsonValue object) {
    const EndpointSettings before = endpoint.settings;
    const std::string key_before = endpoint.secrets.client_key_pem;
    std::vector<ApiError::Detail> details;
    for (auto& complaint : dispatch::read_settings(object, endpoint.settings)) {
        details.push_back({std::move(complaint.field), std::move(complaint.message)});
    }
    if (!details.empty()) return validation_error(std::move(details));
    if (form.url) endpoint.row.url = *form.url;
    if (form.uid) endpoint.row.uid = *form.uid;
    if (form.client_key) endpoint.secrets.client_key_pem = *form.client_key;
    if (form.status) set_status(endpoint, *form.status);
    const bool same_credentials =
        before.ca_pem == endpoint.settings.ca_pem
        && before.client_certificate_pem == endpoint.settings.client_certificate_pem
        && key_before == endpoint.secrets.client_key_pem;
    if (same_credentials) return std::nullopt;
    return judge_credentials(endpoint.settings, endpoint.secrets.client_key_pem);
}

struct EndpointPage {
    Page<EndpointRow> page;
    std::vector<std::optional<storage::EndpointHealthRow>> health;  // of each row
};

StoreResult load_page(
    storage::Connection& connection,
    const storage::EndpointOwner& owner,
    const PageRequest<EndpointId>& wish,
    EndpointPage& answer
) {
    auto page = storage::list_endpoints(connection, owner, wish);
    if (!page) return page.error();
    answer.page = std::move(*page);
    answer.health.clear();
    for (const EndpointRow& row : answer.page.rows) {
        auto health = storage::find_endpoint_health(connection, row.id);
        if (!health) return health.error();
        answer.health.push_back(std::move(*health));
    }
    return {};
}

HttpReply page_reply(const ApiCall& call, const EndpointPage& answer) {
    const IdCodec& ids = call.around.store.ids;
    const auto& rows = answer.page.rows;
    std::string body;
    JsonWriter writer{body};
    begin_list(writer);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto settings = dispatch::settings_from_json(rows[i].settings);
        if (!settings) return store_error_reply(storage::StoreError::failed);
        const EndpointView view{
            .row = rows[i], .settings = *settings, .health = answer.health[i], .secret = {}};
        append_endpoint(writer, view, {ids, call.around.clock.now()});
    }
    const bool more = answer.page.more == Page<EndpointRow>::More::yes;
    end_list(writer, more ? std::optional{ids.encode(rows.back().id)} : std::nullopt);
    return json_reply(std::move(body));
}

}  // namespace

net::Task<HttpReply> list_webhook_endpoints(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    const PageRequest<EndpointId> wish = parameters.page<EndpointId>(call.around.store.ids);
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    EndpointPage answer;
    const ReadWork work = [&call, &wish, &answer](storage::Connection& connection) {
        return load_page(connection, owner_of(call), wish, answer);
    };
    auto reading = read_store(call.around.store, call.thread, work);
    const StoreResult read = co_await std::move(reading);
    if (!read) co_return store_error_reply(read.error());
    co_return page_reply(call, answer);
}

net::Task<HttpReply> create_webhook_endpoint(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const JudgedDraft judged = read_draft(call);
    if (judged.error) co_return error_reply(*judged.error);
    EndpointChange change{.run = {}, .status = 201, .shown = SecretShown::yes};
    change.run = [&call, &judged](storage::Transaction& transaction) {
        return create_endpoint(transaction, call.around.secrets, judged.draft);
    };
    auto changing = change_and_answer(call, change);
    co_return co_await std::move(changing);
}

net::Task<HttpReply> get_webhook_endpoint(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    auto loading = load_endpoint(call, *name);
    const auto loaded = co_await std::move(loading);
    if (!loaded) co_return loaded.error();
    co_return json_reply(endpoint_body(call, *loaded, SecretShown::no));
}

net::Task<HttpReply> update_webhook_endpoint(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    BodyReader body{call.request.body};
    const EndpointForm form = read_form(body);
    if (form.secret) body.complain("secret", "is changed by rotate-secret");
    if (const auto error = body.complaints()) co_return error_reply(*error);
    if (!body.object().exists()) co_return error_reply(validation_error({{"body", "is missing"}}));
    if (form.url) {
        const auto error = judge_url(call.around.dispatcher, name->owner.livemode, *form.url);
        if (error) co_return error_reply(*error);
    }
    const EndpointEdit edit = [&form, &body](OpenEndpoint& endpoint, TimePoint) {
        return apply_form(endpoint, form, body.object());
    };
    EndpointChange change;
    change.run = [&call, &name, &edit](storage::Transaction& transaction) {
        return change_endpoint(transaction, call.around.secrets, *name, edit);
    };
    auto changing = change_and_answer(call, change);
    co_return co_await std::move(changing);
}

net::Task<HttpReply> delete_webhook_endpoint(const ApiCall& call) {
    ParameterReader parameters{call.request.query};
    if (const auto error = parameters.finish()) co_return error_reply(*error);
    const auto name = endpoint_in_path(call);
    if (!name) co_return no_endpoint_reply();
    const OnceWork work = [&call, &name](storage::Transaction& transaction) {
        const auto deleted = delete_endpoint(transaction, *name);
        if (!deleted) return refusal_of(deleted.error());
        std::string body;
        JsonWriter writer{body};
        writer.begin_object();
        writer.member("id", call.around.store.ids.encode(name->id));
        writer.member("object", "webhook_endpoint");
        writer.member_boolean("deleted", true);
        writer.end_object();
        return Result<HttpReply, storage::StoreError>{json_reply(std::move(body))};
    };
    auto writing = write_once(call, work);
    HttpReply reply = co_await std::move(writing);
    if (reply.status == 200) publish_deletion(call.around, name->id);
    co_return reply;
}

}  // namespace postern::daemon
