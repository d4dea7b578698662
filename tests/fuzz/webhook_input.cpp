#include "tests/fuzz/webhook_input.hpp"

#include "core/assert.hpp"
#include "core/numbers.hpp"
#include "verifiers/registry.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace postern::fuzz {
namespace {

using Providers = std::vector<std::unique_ptr<verifiers::Provider>>;

// Fixed settings, so that an input found today finds the same tomorrow. A kind that this build does
// not have keeps its place, or the indices of the others would move.
Providers make_providers() {
    std::ifstream file{POSTERN_SOURCE_DIR "/tests/fuzz/provider_settings.json"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    const auto document = JsonDocument::parse(text);
    POSTERN_ASSERT(document.has_value());
    Providers providers;
    for (const JsonValue entry : document->root().items()) {
        providers.emplace_back();
        const auto* kind = verifiers::find_provider_kind(entry["kind"].string());
        const auto settings = settings_from_json(entry["settings"]);
        POSTERN_ASSERT(settings.has_value());
        if (kind == nullptr) continue;
        auto provider = kind->make(*settings);
        if (provider) providers.back() = std::move(*provider);
    }
    return providers;
}

std::string_view take_until(std::string_view& text, char mark) {
    const auto at = text.find(mark);
    const std::string_view taken = text.substr(0, at);
    text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
    return taken;
}

}  // namespace

std::optional<WebhookInput> read_webhook_input(std::string_view text) {
    static const Providers providers = make_providers();
    std::string_view first = take_until(text, '\n');
    const auto index = parse_unsigned(take_until(first, ' '));
    const auto now = parse_unsigned(take_until(first, ' '));
    if (!index || *index >= providers.size() || !now || *now > 4'000'000'000) return std::nullopt;
    WebhookInput input;
    input.provider = providers[*index].get();
    if (input.provider == nullptr) return std::nullopt;
    input.received_at = from_unix_seconds(static_cast<std::int64_t>(*now));
    input.method = take_until(first, ' ');
    input.query = first;
    input.path = take_until(input.query, '?');
    for (;;) {
        std::string_view line = take_until(text, '\n');
        if (line.empty()) break;
        const std::string_view name = take_until(line, ':');
        input.fields.add({name, trim_spaces(line)});
    }
    input.body = text;
    return input;
}

}  // namespace postern::fuzz
