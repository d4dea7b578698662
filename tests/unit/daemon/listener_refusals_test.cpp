#include "daemon/listener_refusals.hpp"

#include "core/json_document.hpp"
#include "daemon/api.hpp"

#include <gtest/gtest.h>

namespace postern::daemon {
namespace {

std::string member(const HttpReply& reply, std::string_view path) {
    const auto document = JsonDocument::parse(reply.body);
    EXPECT_TRUE(document.has_value()) << reply.body;
    return document ? std::string{document->root().path(path).string()} : std::string{};
}

std::string field(const HttpReply& reply, std::string_view name) {
    for (const HttpReplyField& one : reply.fields) {
        if (one.name == name) return one.value;
    }
    return {};
}

HttpReply refused(int status, std::string_view path, SpokenLanguage language) {
    HttpRequest seen;
    seen.path = path;
    return finished_reply(seen, listener_refusal(status, language));
}

constexpr int kStatuses[] = {400, 405, 408, 411, 413, 414, 415, 417, 431, 500, 503, 505};

bool is_ours(int status) {
    return status == 500 || status == 503;
}

TEST(ListenerRefusals, AreInTheEnvelopeOfThePath) {
    for (const int status : kStatuses) {
        const HttpReply stripe = refused(status, "/v1/charges", SpokenLanguage::english);
        EXPECT_EQ(stripe.status, status);
        EXPECT_EQ(
            member(stripe, "error.type"), is_ours(status) ? "api_error" : "invalid_request_error"
        );
        EXPECT_FALSE(member(stripe, "error.message").empty());
        EXPECT_TRUE(field(stripe, "Request-Id").starts_with("req_"));
        const HttpReply native = refused(status, "/api/v2/payments", SpokenLanguage::english);
        EXPECT_FALSE(member(native, "error.code").empty());
        EXPECT_EQ(member(native, "error.request_id"), field(native, "X-Request-ID"));
        const HttpReply unknown = refused(status, "", SpokenLanguage::english);
        EXPECT_EQ(member(unknown, "error.code"), member(native, "error.code"));
        for (const HttpReply& reply : {stripe, native, unknown}) {
            EXPECT_TRUE(reply.content_type.starts_with("application/json"));
            EXPECT_EQ(field(reply, "Cache-Control"), "no-store");
        }
    }
}

TEST(ListenerRefusals, SpeakChineseToWhoAsksForIt) {
    for (const int status : kStatuses) {
        const auto english =
            member(listener_refusal(status, SpokenLanguage::english), "error.message");
        const auto chinese =
            member(listener_refusal(status, SpokenLanguage::chinese), "error.message");
        EXPECT_FALSE(english.empty());
        EXPECT_NE(english, chinese) << status;
    }
}

}  // namespace
}  // namespace postern::daemon
