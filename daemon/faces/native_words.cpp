#include "daemon/faces/native_words.hpp"

#include "core/json_document.hpp"
#include "core/json_writer.hpp"
#include "daemon/accept_language.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon {
namespace {

struct Words {
    std::string_view code;
    std::string_view chinese;
};
constexpr std::array kWords = {
    Words{"UNAUTHORIZED", "API 密钥缺失或无效。"},
    Words{"FORBIDDEN", "此密钥无权执行此操作；受限密钥只能读取，公开密钥仅供浏览器使用。"},
    Words{"NOT_FOUND", "资源不存在。"},
    Words{"METHOD_NOT_ALLOWED", "此地址不支持该请求方法，见 Allow 标头。"},
    Words{"IDEMPOTENCY_KEY_REUSED", "幂等键已使用，请为每个请求使用新的键。"},
    Words{"RATE_LIMITED", "请求过于频繁，请稍后重试。"},
    Words{"INTERNAL_ERROR", "服务器内部错误，未做任何更改。"},
    Words{"UNAVAILABLE", "服务暂时不可用，请稍后重试。"},
};

std::string_view chinese_of(std::string_view code) {
    const auto found = std::find_if(kWords.begin(), kWords.end(), [code](const Words& words) {
        return words.code == code;
    });
    return found == kWords.end() ? std::string_view{} : found->chinese;
}

bool is_ascii(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x80;
    });
}

std::string body_with(std::string_view body, std::string_view message) {
    const auto document = JsonDocument::parse(body);
    if (!document) return std::string{body};
    const JsonValue error = document->root()["error"];
    std::string text;
    JsonWriter writer{text};
    writer.begin_object();
    writer.key("error");
    writer.begin_object();
    writer.member("code", error["code"].string());
    writer.member("message", message);
    writer.key("details");
    writer.begin_array();
    for (const JsonValue detail : error["details"].items()) {
        writer.begin_object();
        writer.member("field", detail["field"].string());
        writer.member("message", detail["message"].string());
        writer.end_object();
    }
    writer.end_array();
    writer.member("request_id", error["request_id"].string());
    writer.end_object();
    writer.end_object();
    return text;
}

}  // namespace

HttpReply in_asked_language(const HttpRequest& request, HttpReply reply) {
    if (reply.status < 400) return reply;
    const auto asked = spoken_language(request.fields.value_or_empty("accept-language"));
    if (asked != SpokenLanguage::chinese) return reply;
    const auto error = read_native_error(reply.body);
    if (!error || !is_ascii(error->message)) return reply;
    // Complaints about fields are told in one language; a scope that a key lacks is a name.
    if (!error->details.empty() && error->code != "FORBIDDEN") return reply;
    const std::string_view message = chinese_of(error->code);
    if (!message.empty()) reply.body = body_with(reply.body, message);
    return reply;
}

}  // namespace postern::daemon
