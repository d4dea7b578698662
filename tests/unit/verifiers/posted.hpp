#pragma once

#include "core/bytes.hpp"
#include "core/crypto.hpp"
#include "core/settings.hpp"
#include "verifiers/provider.hpp"
#include "verifiers/sample.hpp"

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the tests of providers share: a webhook as it was posted, and verdicts and events as one
// line of text, so that a table can hold what is expected.
namespace postern::verifiers {

// It owns its text, so that a test can change one thing in it and ask again.
struct Posted {
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::string query;
    TimePoint received_at = from_unix_seconds(1'700'000'000);
    std::optional<FetchedDocument> fetched;

    void set(const std::string& name, const std::string& value) {
        for (auto& [key, old] : headers) {
            if (equal_ignoring_case(key, name)) {
                old = value;
                return;
            }
        }
        headers.emplace_back(name, value);
    }
    void remove(std::string_view name) {
        std::erase_if(headers, [name](const auto& header) {
            return equal_ignoring_case(header.first, name);
        });
    }
    std::string get(std::string_view name) const {
        for (const auto& [key, value] : headers) {
            if (equal_ignoring_case(key, name)) return value;
        }
        return {};
    }
    void replace_in_body(std::string_view old, std::string_view wanted) {
        const auto at = body.find(old);
        if (at != std::string::npos) body.replace(at, old.size(), wanted);
    }
};

inline Posted posted(const SampleWebhook& webhook, TimePoint now) {
    return {
        .headers = webhook.headers,
        .body = webhook.body,
        .query = webhook.query,
        .received_at = now};
}

// Calls `ask` with a request whose views live as long as the call.
template <class Ask>
auto asked(const Posted& posted, Ask ask) {
    HttpFields fields;
    for (const auto& [name, value] : posted.headers) fields.add({name, value});
    const SignedRequest request{
        .method = "POST",
        .path = "/api/v2/webhooks/x",
        .query = posted.query,
        .fields = fields,
        .body = posted.body,
        .received_at = posted.received_at,
        .fetched = posted.fetched ? &*posted.fetched : nullptr};
    return ask(request);
}

// "key 1", or the name of the failure.
inline std::string verdict_of(const Provider& provider, const Posted& posted) {
    return asked(posted, [&provider](const SignedRequest& request) {
        const auto verified = provider.verify(request);
        if (!verified) return std::string{to_text(verified.error())};
        return "key " + std::to_string(verified->key_index);
    });
}

inline Result<Normalised, NormaliseFailure>
normalised_by(const Provider& provider, const Posted& posted) {
    return asked(posted, [&provider](const SignedRequest& request) {
        return provider.normalise(request);
    });
}

// What a unified event says, without what is empty: "refund.created payment=p amount=1.00 EUR".
inline std::string summary_of(const ProviderEvent& event) {
    if (!event.unified) return "nothing";
    const UnifiedEvent& unified = *event.unified;
    std::string summary{to_text(unified.type)};
    const std::pair<std::string_view, std::string_view> fields[] = {
        {" payment=", unified.gateway_payment_id},
        {" refund=", unified.gateway_refund_id},
        {" dispute=", unified.gateway_dispute_id},
        {" payout=", unified.gateway_payout_id},
        {" reference=", unified.merchant_reference},
        {" amount=", unified.amount},
        {" ", unified.currency},
        {" reason=", unified.reason},
        {" outcome=", unified.outcome}};
    for (const auto& [label, value] : fields) {
        if (value.empty()) continue;
        summary += label;
        summary += value;
    }
    return summary;
}

// "id type -> summary"
inline std::string line_of(const ProviderEvent& event) {
    std::string line = event.id.empty() ? "(no id)" : event.id;
    line += ' ';
    line += event.type.empty() ? "(no type)" : event.type;
    line += " -> ";
    line += summary_of(event);
    return line;
}

// The same with when it happened and on which side.
inline std::string full_line_of(const ProviderEvent& event) {
    std::string line = line_of(event);
    if (!event.unified) return line;
    if (!event.unified->occurred_at.empty()) line += " at=" + event.unified->occurred_at;
    if (event.unified->gateway_livemode) {
        line += *event.unified->gateway_livemode ? " live" : " test";
    }
    return line;
}

using EventText = std::string (*)(const ProviderEvent&);

// One event a line.
inline std::string lines_of(const Normalised& normalised, EventText text_of = line_of) {
    std::string lines;
    for (const ProviderEvent& event : normalised.events) {
        if (!lines.empty()) lines += '\n';
        lines += text_of(event);
    }
    return lines;
}

// One event a line, or "malformed".
inline std::string
events_of(const Provider& provider, const Posted& posted, EventText text_of = line_of) {
    const auto normalised = normalised_by(provider, posted);
    return normalised ? lines_of(*normalised, text_of) : std::string{"malformed"};
}

inline SettingValue text_setting(std::string text) {
    return SettingValue{std::move(text)};
}

inline SettingValue list_setting(std::initializer_list<std::string> texts) {
    SettingList list;
    for (const std::string& text : texts) list.push_back(SettingValue{text});
    return SettingValue{std::move(list)};
}

inline SettingTable settings_of(std::string_view json) {
    const auto document = JsonDocument::parse(json);
    auto table = settings_from_json(document->root());
    return std::move(*table);
}

// The complaint of settings that must not load; "none" when they do.
inline std::string complaint_of(MakeProvider make, const SettingTable& settings) {
    const auto provider = make(settings);
    return provider ? std::string{"none"} : provider.error().message;
}

inline std::string complaint_of(MakeProvider make, std::string_view json) {
    return complaint_of(make, settings_of(json));
}

inline std::string with_bit_flipped(std::string text, std::size_t at) {
    text[at] = static_cast<char>(text[at] ^ 1);
    return text;
}

// Every text that differs from the given one in exactly one bit.
inline std::vector<std::string> one_bit_flips(const std::string& text) {
    std::vector<std::string> flips;
    for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
        std::string flipped = text;
        flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
        flips.push_back(std::move(flipped));
    }
    return flips;
}

inline std::string hmac(HashAlgorithm algorithm, std::string_view secret, Pieces pieces) {
    return HmacKey{algorithm, secret}.sign(pieces);
}

}  // namespace postern::verifiers
