// Sends an email: POSTERN_USER=account POSTERN_KEY=pk_… dotnet run Send.cs (.NET 10; before that, in a console project)
using System;
using System.Collections.Generic;
using System.Net.Http;

static string Setting(string name, string otherwise) => Environment.GetEnvironmentVariable(name) ?? otherwise;

using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
client.DefaultRequestHeaders.Add("authuser", Setting("POSTERN_USER", "default"));
client.DefaultRequestHeaders.Add("authpass", Setting("POSTERN_KEY", ""));

using var email = new FormUrlEncodedContent(new Dictionary<string, string>
{
    ["from"] = "Shop <shop@example.com>",
    ["to"] = "ada@example.com, Bob <bob@example.com>",
    ["subject"] = "Hello from C#",
    ["content"] = "The text of the email",
    ["html_content"] = "<p>The <b>HTML</b> of the email</p>",
    ["custom_headers"] = """{"X-First-Header":"value"}""",
});
var url = Setting("POSTERN_URL", "http://127.0.0.1:8000");
using var response = await client.PostAsync($"{url}/api/mail/send", email);

// A refusal has a body too, and it says why.
Console.WriteLine(await response.Content.ReadAsStringAsync());
return response.IsSuccessStatusCode ? 0 : 1;
