#include "daemon/faces/native_words.hpp"

#include "core/json_document.hpp"
#include "daemon/api.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

HttpReply said(HttpReply reply, std::string_view language) {
    HttpRequest request;
    if (!language.empty()) request.fields.add({"Accept-Language", language});
    return in_asked_language(request, std::move(reply));
}

std::string member(const HttpReply& reply, std::string_view path) {
    const auto document = JsonDocument::parse(reply.body);
    EXPECT_TRUE(document.has_value()) << reply.body;
    return document ? std::string{document->root().path(path).string()} : std::string{};
}

TEST(NativeWords, SayWhatEveryRouteMaySayInChinese) {
    for (const std::string_view code :
         {"UNAUTHORIZED",
          "FORBIDDEN",
          "NOT_FOUND",
          "METHOD_NOT_ALLOWED",
          "IDEMPOTENCY_KEY_REUSED",
          "RATE_LIMITED",
          "INTERNAL_ERROR",
          "UNAVAILABLE"}) {
        const HttpReply english = error_reply({.status = 400, .code = code, .message = "No."});
        const HttpReply chinese = said(english, "zh-CN,zh;q=0.9,en;q=0.8");
        EXPECT_EQ(member(chinese, "error.code"), code);
        EXPECT_NE(member(chinese, "error.message"), "No.") << code;
        EXPECT_EQ(member(chinese, "error.request_id"), member(english, "error.request_id"));
    }
}

TEST(NativeWords, LeaveTheRestAsItIs) {
    const HttpReply refused =
        error_reply({.status = 401, .code = "UNAUTHORIZED", .message = "No."});
    EXPECT_EQ(said(refused, "").body, refused.body);
    EXPECT_EQ(said(refused, "en,zh;q=0.5").body, refused.body);
    const HttpReply chinese =
        error_reply({.status = 404, .code = "NOT_FOUND", .message = "退款不存在。"});
    EXPECT_EQ(said(chinese, "zh").body, chinese.body);
    const HttpReply detailed = error_reply(
        {.status = 400,
         .code = "VALIDATION_ERROR",
         .message = "url: is required",
         .details = {{"url", "is required"}}}
    );
    EXPECT_EQ(said(detailed, "zh").body, detailed.body);
    const HttpReply other{.status = 404, .content_type = "text/plain", .body = "nothing"};
    EXPECT_EQ(said(other, "zh").body, "nothing");
}

}  // namespace
}  // namespace postern::daemon
