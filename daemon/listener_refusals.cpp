#include "daemon/listener_refusals.hpp"

#include "daemon/api.hpp"

#include <algorithm>
#include <array>

namespace postern::daemon {
namespace {

struct Words {
    int status;
    std::string_view code;
    std::string_view english;
    std::string_view chinese;
};
constexpr int kUnavailable = 503;
constexpr std::string_view kInvalid = "VALIDATION_ERROR";
constexpr std::array kWords = {
    Words{400, kInvalid, "The request is not valid HTTP/1.1", "请求不是有效的 HTTP/1.1。"},
    Words{
        403,
        "FORBIDDEN",
        "This API is asked over TLS only: use https",
        "此 API 只能通过 HTTPS 访问。"},
    Words{
        405,
        "METHOD_NOT_ALLOWED",
        "This server does not know that method",
        "服务器不支持该请求方法。"},
    Words{408, kInvalid, "The request took too long to arrive", "请求未在规定时间内送达。"},
    Words{
        411,
        kInvalid,
        "Say how long the body is: Content-Length is missing",
        "缺少 Content-Length，请说明请求体长度。"},
    Words{
        413,
        kInvalid,
        "The body is larger than this server takes",
        "请求体超过服务器允许的大小。"},
    Words{414, kInvalid, "The request target is too long", "请求地址过长。"},
    Words{
        415,
        kInvalid,
        "Send the body without Content-Encoding",
        "请求体不得使用 Content-Encoding。"},
    Words{
        417,
        kInvalid,
        "The only expectation known is 100-continue",
        "仅支持 Expect: 100-continue。"},
    Words{431, kInvalid, "The header fields are too many or too large", "请求标头过多或过大。"},
    Words{
        500,
        "INTERNAL_ERROR",
        "Something went wrong on our side; it has been noted",
        "服务器内部错误，已记录。"},
    Words{
        kUnavailable,
        "UNAVAILABLE",
        "Too many large bodies are being read; please send it again",
        "正在读取的大型请求体过多，请稍后重试。"},
    Words{505, kInvalid, "This server speaks HTTP/1.1", "服务器仅支持 HTTP/1.1。"},
};

}  // namespace

HttpReply listener_refusal(int status, SpokenLanguage language) {
    const auto* words = std::find_if(kWords.begin(), kWords.end(), [status](const Words& one) {
        return one.status == status;
    });
    if (words == kWords.end()) words = kWords.begin();
    const bool chinese = language == SpokenLanguage::chinese;
    const std::string_view message = chinese ? words->chinese : words->english;
    HttpReply reply =
        error_reply({.status = status, .code = words->code, .message = std::string{message}});
    if (status == kUnavailable) reply.fields.push_back({"Retry-After", "1"});
    return reply;
}

}  // namespace postern::daemon
