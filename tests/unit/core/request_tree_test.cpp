#include "core/request_tree.hpp"

#include <gtest/gtest.h>

namespace postern {
namespace {

// As JSON with every leaf a text, so that both encodings can be compared with one spelling.
std::string spelled(const RequestNode& node) {
    if (node.kind == RequestNode::Kind::text) return '"' + node.text + '"';
    std::string text = "{";
    for (const RequestMember& member : node.members) {
        if (text.size() > 1) text += ',';
        text += member.name + ':' + spelled(member.node);
    }
    return text + '}';
}

std::string outcome(const Result<RequestNode, ParameterComplaint>& read) {
    return read ? spelled(*read) : "complaint: " + read.error().message;
}

struct Case {
    const char* name;
    const char* text;
    const char* outcome;
};

constexpr Case kForms[] = {
    {"nothing", "", "{}"},
    {"plain values", "url=https%3A%2F%2Fa&x=1+2", R"({url:"https://a",x:"1 2"})"},
    {"a list with indices", "e[0]=a&e[1]=b", R"({e:{0:"a",1:"b"}})"},
    {"a list without indices", "e[]=a&e[]=b", R"({e:{0:"a",1:"b"}})"},
    {"escaped brackets", "metadata%5Bk%5D=v", R"({metadata:{k:"v"}})"},
    {"tables in tables", "a[b][c]=1&a[b][d]=2", R"({a:{b:{c:"1",d:"2"}}})"},
    {"an empty value", "description=", R"({description:""})"},
    {"a value twice", "a=1&a=2", "complaint: Parameter given more than once: a"},
    {"a value where a table is", "a[b]=1&a=2", "complaint: Parameter given more than once: a"},
    {"a table where a value is", "a=2&a[b]=1", "complaint: Invalid parameter name: a[b]"},
    {"a bracket that never closes", "a[b=1", "complaint: Invalid parameter name: a[b"},
    {"a bracket that never opens", "ab]=1", "complaint: Invalid parameter name: ab]"},
    {"text behind a bracket", "a[b]c=1", "complaint: Invalid parameter name: a[b]c"},
    {"a bracket in a bracket", "a[b[c]]=1", "complaint: Invalid parameter name: a[b[c]]"},
    {"no name", "=1", "complaint: Invalid parameter name: "},
    {"too deep a name",
     "a[1][2][3][4][5][6][7][8]=x",
     "complaint: Invalid parameter name: a[1][2][3][4][5][6][7][8]"},
    {"a broken escape", "a=%zz", "complaint: Invalid percent encoding in the parameters"},
    {"a value that is not UTF-8", "a=%ff", "complaint: Invalid UTF-8 in a value"},
    {"a name that is not UTF-8", "%ff=1", "complaint: Invalid parameter name: (not UTF-8)"},
};

constexpr Case kDocuments[] = {
    {"an empty object", "{}", "{}"},
    {"every kind of leaf",
     R"({"s":"x","n":12.50,"t":true,"f":false,"z":null})",
     R"({s:"x",n:"12.50",t:"true",f:"false",z:""})"},
    {"a list", R"({"e":["a","b"]})", R"({e:{0:"a",1:"b"}})"},
    {"an object", R"({"metadata":{"k":"v"}})", R"({metadata:{k:"v"}})"},
    {"a member twice", R"({"a":1,"a":2})", "complaint: Parameter given more than once: a"},
    {"the same value twice", R"({"a":1,"a":1})", "complaint: Parameter given more than once: a"},
    {"a member twice below",
     R"({"m":{"a":1,"a":2}})",
     "complaint: Parameter given more than once: m[a]"},
    {"a member twice in a list",
     R"({"e":[{"a":1,"a":2}]})",
     "complaint: Parameter given more than once: e[0][a]"},
    {"another root", "[]", "complaint: The JSON body must be an object"},
};

TEST(RequestTree, ReadsForms) {
    for (const Case& test_case : kForms) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(outcome(read_form(test_case.text)), test_case.outcome);
    }
}

TEST(RequestTree, ReadsJsonAsTheSameTree) {
    for (const Case& test_case : kDocuments) {
        SCOPED_TRACE(test_case.name);
        EXPECT_EQ(outcome(read_json(test_case.text)), test_case.outcome);
    }
    EXPECT_TRUE(outcome(read_json("{")).starts_with("complaint: Invalid JSON in the body: "));
}

TEST(RequestTree, TellsWhatOnlyJsonSays) {
    using InJson = RequestNode::InJson;
    const auto read = read_json(R"({"z":null,"e":["a"],"s":"","m":{}})");
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->find("z")->in_json, InJson::null);
    EXPECT_EQ(read->find("e")->in_json, InJson::list);
    EXPECT_EQ(read->find("s")->in_json, InJson::as_in_a_form);
    EXPECT_EQ(read->find("m")->in_json, InJson::as_in_a_form);
    const auto from_form = read_form("e[0]=a");
    const auto from_json = read_json(R"({"e":["a"]})");
    ASSERT_TRUE(from_form && from_json);
    EXPECT_TRUE(*from_form == *from_json);
}

TEST(RequestTree, BoundsTheNumberOfValues) {
    std::string form;
    std::string json = "{";
    for (int i = 0; i <= 1'000; ++i) {
        const std::string name = 'k' + std::to_string(i);
        form += name + "=1&";
        json += (i == 0 ? "\"" : ",\"") + name + "\":1";
    }
    EXPECT_EQ(outcome(read_form(form)), "complaint: Too many parameters");
    EXPECT_TRUE(outcome(read_json(json + '}')).starts_with("complaint: Invalid JSON"));
}

TEST(RequestTree, IsReadByItsContentType) {
    const std::pair<const char*, const char*> cases[] = {
        {"application/json; charset=utf-8", "complaint: Invalid JSON"},
        {"application/x-www-form-urlencoded", R"({a:"1"})"},
        {"Application/X-WWW-Form-Urlencoded;charset=UTF-8", R"({a:"1"})"},
        {"", R"({a:"1"})"},
        {"text/plain", "complaint: Send the body as "},
    };
    for (const auto& [type, wanted] : cases) {
        SCOPED_TRACE(type);
        HttpRequest request;
        request.body = "a=1";
        if (*type != '\0') request.fields.add({"Content-Type", type});
        EXPECT_TRUE(outcome(read_request_body(request)).starts_with(wanted));
    }
}

TEST(RequestTree, TakesParametersFromTheUrlAndTheBody) {
    const std::pair<const char*, const char*> cases[] = {
        {"", R"({a:"1"})"},
        {"b=2", R"({a:"1",b:"2"})"},
        {"a=2", "complaint: Parameter given in the URL and in the body: a"},
        {"b=%zz", "complaint: Invalid percent encoding in the parameters"},
    };
    for (const auto& [query, wanted] : cases) {
        SCOPED_TRACE(query);
        HttpRequest request;
        request.body = "a=1";
        request.query = query;
        EXPECT_EQ(outcome(read_parameters(request)), wanted);
    }
}

}  // namespace
}  // namespace postern
